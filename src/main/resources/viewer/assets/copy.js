/* Buttons that copy the command beside them, where a page may use the clipboard. */

export function copyButtons() {
  if (!navigator.clipboard) return;
  document.documentElement.classList.add("can-copy");
  show(document);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}

/** Shows the buttons of what came later, too. */
export function show(within) {
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll("[data-copy]")) button.hidden = false;
}
