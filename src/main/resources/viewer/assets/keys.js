/* Single keys as shortcuts, listed in a dialog, and off for who wants them off (WCAG 2.1.4). */

const OFF = "buildonce.keys";

/** Takes shortcuts: key, what it does, and how. */
export function shortcuts(list) {
  const dialog = document.getElementById("keys");
  const button = document.querySelector("[data-keys]");
  const box = dialog.querySelector("input");
  const all = [...list, ["?", "show these keys", () => dialog.showModal()]];
  box.checked = localStorage.getItem(OFF) !== "off";
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
  const terms = dialog.querySelector("dl");
  for (const [key, what] of all) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const shown = document.createElement("kbd");
    shown.textContent = key;
    term.append(shown);
    const text = document.createElement("dd");
    text.textContent = what;
    pair.append(term, text);
    terms.append(pair);
  }
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanels();
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!box.checked || dialog.open || isTyping(event.target)) return;
    const found = all.find(([key]) => key === event.key);
    if (found) {
      event.preventDefault();
      found[2]();
    }
  });
}

function isTyping(target) {
  return target.closest?.("input, select, textarea, [contenteditable]") != null;
}

function closePanels() {
  for (const panel of document.querySelectorAll("details[name][open]")) {
    panel.open = false;
    panel.querySelector("summary").focus();
  }
}
