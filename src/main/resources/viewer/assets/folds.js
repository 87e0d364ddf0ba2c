/* The folds that a build marked in its log, open or closed. The server finds them; a reader's choice stays. */

export class Folds {
  #url;
  #folds = [];
  #byFirst = new Map();
  #chosen = new Map();
  #needed = null;
  #live;
  #loading = null;
  #etag = null;

  /**
   * @param url of the log, whose folds are at `/folds`
   * @param live whether it is still written: what is read then is not closed under the reader's eyes
   */
  constructor(url, live) {
    this.#url = url;
    this.#live = live;
  }

  /** Loads them; whether they differ from those that were known. */
  async load() {
    this.#loading?.abort();
    const request = (this.#loading = new AbortController());
    try {
      const response = await fetch(this.#url + "/folds", {signal: request.signal});
      if (!response.ok) return false;
      const {folds} = await response.json();
      const told = JSON.stringify(folds);
      if (told === this.#etag) return false;
      this.#etag = told;
      this.#folds = folds.filter((fold) => fold.last === null || fold.last > fold.first);
      this.#byFirst = new Map(this.#folds.map((fold) => [fold.first, fold]));
      return true;
    } catch {
      return false; // a log is read without them, too
    }
  }

  /** Whether they were asked for before, be there any or not. */
  get isLoaded() {
    return this.#etag !== null;
  }

  get any() {
    return this.#folds.length > 0;
  }

  /** The fold that begins in a line, if one does: its title, seconds, and whether it `isOpen`. */
  at(line) {
    const fold = this.#byFirst.get(line);
    return fold && {...fold, isOpen: this.#isOpen(fold)};
  }

  #isOpen(fold) {
    return (
      this.#chosen.get(fold.first) ??
      (this.#live || fold.open || fold.last === null || this.#has(fold, this.#needed))
    );
  }

  #has(fold, line) {
    return line !== null && line > fold.first && (fold.last === null || line <= fold.last);
  }

  /** The lines that closed folds hide. */
  hidden() {
    return this.#folds
      .filter((fold) => fold.last !== null && !this.#isOpen(fold))
      .map((fold) => ({from: fold.first + 1, to: fold.last}));
  }

  toggle(line) {
    const fold = this.#byFirst.get(line);
    if (fold) this.#chosen.set(line, !this.#isOpen(fold));
  }

  all(open) {
    for (const fold of this.#folds) this.#chosen.set(fold.first, open);
  }

  /** Opens what hides a line; whether something was closed. */
  reveal(line) {
    let changed = false;
    for (const fold of this.#folds) {
      if (this.#has(fold, line) && !this.#isOpen(fold)) {
        this.#chosen.set(fold.first, true);
        changed = true;
      }
    }
    return changed;
  }

  /** What failed is in this line: its folds are open unless a reader closed them. */
  need(line) {
    this.#needed = line;
  }
}
