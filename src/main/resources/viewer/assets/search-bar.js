/* The bar in which a reader says what to search for, and sees what was found. */

export class SearchBar {
  #form;
  #search;
  #seen;
  #input;
  #before = null;

  /** @param seen gives the first line that the reader sees */
  constructor(form, search, seen) {
    this.#form = form;
    this.#search = search;
    this.#seen = seen;
    this.#input = form.querySelector("input[type=search]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      search.next();
    });
    form.addEventListener("input", () => this.#look());
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault(); // what was searched for stays there for the next time
        this.close();
      }
      else if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        search.previous();
      }
    });
    form.querySelector("[data-next]").addEventListener("click", () => search.next());
    form.querySelector("[data-previous]").addEventListener("click", () => search.previous());
    form.querySelector("[data-close]").addEventListener("click", () => this.close());
  }

  open() {
    this.#form.hidden = false;
    this.#input.focus();
    this.#input.select();
    if (this.#search.query === null && this.#input.value !== "") this.#look();
  }

  close() {
    this.#form.hidden = true;
    this.#search.look({text: ""});
    document.getElementById("log").focus();
  }

  #look() {
    const {elements} = this.#form;
    const query = {text: this.#input.value, regex: elements.regex.checked, case: elements.case.checked};
    const told = JSON.stringify(query);
    if (told === this.#before && this.#search.query !== null) return;
    this.#before = told;
    this.#search.look(query, this.#seen());
  }

  /** Tells what was found. */
  show() {
    const output = this.#form.querySelector("output");
    const text = this.#told();
    if (output.textContent !== text) output.textContent = text;
    const none = this.#search.query === null || this.#search.found.lines === 0;
    for (const button of this.#form.querySelectorAll("[data-next], [data-previous]")) button.disabled = none;
    this.#input.ariaInvalid = String(this.#search.found.problem !== undefined);
  }

  #told() {
    const {query, found, index} = this.#search;
    if (query === null) return "";
    if (found.problem) return found.problem;
    const count = (number) => number.toLocaleString("en");
    if (found.lines === 0) return found.done ? (found.timedOut ? "Nothing yet: it took too long" : "Nothing found") : "Searching…";
    const lines = count(found.lines) + (found.lines === 1 ? " line" : " lines");
    const hits = count(found.count) + (found.count === 1 ? " hit" : " hits");
    const where = index === null ? lines : count(index) + " of " + lines;
    const what = found.count === found.lines ? where : where + ", " + hits;
    return what + (found.done ? (found.timedOut ? ", stopped: it took too long" : "") : "…");
  }
}
