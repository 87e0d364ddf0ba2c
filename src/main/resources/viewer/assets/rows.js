/*
 * Keeps the rows of a list as the server shows them now. Rows that did not change stay the elements
 * they are; those that are new or changed are marked for a moment. The reader keeps the focus, the
 * place on the page, and what is being selected.
 */

const MARKED = 3000;

export class Rows {
  #list;
  #shown = new Map();
  #waiting = null;

  /** @param list as the server sent it: nothing in it was changed yet */
  constructor(list) {
    this.#list = list;
    for (const row of list.children) this.#shown.set(row.id, row.outerHTML);
    document.addEventListener("selectionchange", () => {
      const restore = this.hold();
      this.#exchangeWaiting();
      restore();
    });
  }

  /** Notes where the rows are that the reader sees, if the list is scrolled into; gives how to bring them back there. */
  hold() {
    if (this.#list.getBoundingClientRect().top >= 0) return () => {};
    const seen = [...this.#list.children]
      .map((row) => ({row, ...row.getBoundingClientRect().toJSON()}))
      .filter(({top, bottom}) => bottom > 0 && top < innerHeight);
    return () => {
      const kept = seen.find(({row}) => row.isConnected);
      if (kept) scrollBy({top: kept.row.getBoundingClientRect().top - kept.top, behavior: "instant"});
    };
  }

  /** Shows what a list that was loaded again has; or only how the rows that are here stand by now. */
  take(fresh, known = false) {
    this.#waiting = {fresh, known};
    this.#exchangeWaiting();
  }

  /** Marks a row whose build is no more. */
  gone(id) {
    document.getElementById(id)?.classList.add("gone");
  }

  #exchangeWaiting() {
    if (this.#waiting === null || this.#isSelected()) return;
    const {fresh, known} = this.#waiting;
    this.#waiting = null;
    const rows = [...fresh.children].filter((row) => !known || this.#shown.has(row.id));
    const changed = new Set(rows.filter((row) => this.#shown.get(row.id) !== row.outerHTML).map((row) => row.id));
    const restoreFocus = this.#focus();
    if (!known) this.#removeOthers(new Set(rows.map((row) => row.id)));
    let at = this.#list.firstElementChild;
    for (const row of rows) {
      const old = document.getElementById(row.id);
      let shown = old;
      if (changed.has(row.id)) {
        this.#shown.set(row.id, row.outerHTML);
        shown = marked(document.adoptNode(row));
        if (old !== null) {
          old.replaceWith(shown);
          if (at === old) at = shown;
        }
      }
      if (known) continue;
      if (shown === at) at = at.nextElementSibling;
      else this.#list.insertBefore(shown, at);
    }
    restoreFocus();
  }

  #removeOthers(ids) {
    for (const row of [...this.#list.children]) {
      if (ids.has(row.id)) continue;
      this.#shown.delete(row.id);
      row.remove();
    }
  }

  #isSelected() {
    const selection = getSelection();
    return !selection.isCollapsed && selection.rangeCount > 0 && selection.getRangeAt(0).intersectsNode(this.#list);
  }

  /** The link that has the focus, in whatever row its build is shown then; else that of the row that took its place. */
  #focus() {
    const link = this.#list.contains(document.activeElement) ? document.activeElement : null;
    if (link === null) return () => {};
    const row = link.closest("li");
    const id = row.id;
    const number = [...this.#list.children].indexOf(row);
    const href = link.getAttribute("href");
    return () => {
      if (link.isConnected && document.activeElement === link) return;
      const now = document.getElementById(id) ?? this.#list.children[Math.min(number, this.#list.children.length - 1)];
      const same = [...(now?.querySelectorAll("a") ?? [])].find((each) => each.getAttribute("href") === href);
      (same ?? now?.querySelector(".title"))?.focus({preventScroll: true});
    };
  }
}

function marked(row) {
  row.classList.add("fresh");
  setTimeout(() => row.classList.remove("fresh"), MARKED);
  return row;
}
