import {shortcuts} from "./keys.js";
import {keepTimes} from "./times.js";

keepTimes();

const form = document.querySelector(".filters");
form.addEventListener("submit", () => {
  // Fields that ask for nothing stay out of the URL.
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});
addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});

const links = [...document.querySelectorAll(".builds .title")];

function step(by) {
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at < 0 && by < 0 ? 0 : at + by))]?.focus();
}

shortcuts([
  ["j", "next build", () => step(1)],
  ["k", "previous build", () => step(-1)],
  ["/", "filter by key", () => form.querySelector("[data-first]").focus()],
  ["n", "older builds", () => document.querySelector("a[rel=next]")?.click()],
]);
