/*
 * Draws a log as rows of numbered lines, in blocks that a browser lays out only when they are seen, and never
 * more than LIMIT of them: who follows keeps the latest, who reads on keeps what is read.
 */
import {AnsiParser, nodes} from "./ansi.js";

const BLOCK = 250;
const HAND = 1000; // milliseconds after which scrolling is not the hand's any more

/** How many lines are drawn at most. */
export const LIMIT = 20_000;

export class LogView {
  #box;
  #lines;
  #earlier;
  #more;
  #parser = new AnsiParser();
  #changed = new Map();
  #rows = new Map();
  #next = 1;
  #open = false;
  #drawn = 0;
  #frame = 0;
  #adopting;
  #following;
  #unseen = 0;
  #lastTop = 0;
  #hand = -Infinity;
  #marked = null;

  /** Whether there is no room for more while the reader looks at what is there. */
  onFull = () => {};
  onFollow = () => {};

  /**
   * @param box the scrolling element with `.lines` and `.earlier`
   * @param more the button that tells of new lines
   * @param until the offset up to which the page has the lines as plain text: they stay until these are here
   */
  constructor(box, more, until) {
    this.#box = box;
    this.#lines = box.querySelector(".lines");
    this.#earlier = box.querySelector(".earlier");
    this.#more = more;
    this.#adopting = until > 0 ? until : null;
    this.#following = true;
    box.addEventListener("scroll", () => this.#scrolled(), {passive: true});
    // What scrolls is as often the layout of new lines as the reader: only a hand counts.
    const hand = () => (this.#hand = performance.now());
    for (const sign of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      box.addEventListener(sign, hand, {passive: true});
    }
    more.addEventListener("click", () => this.follow());
  }

  get following() {
    return this.#following;
  }

  /** The number of the first line that is here, null without any. */
  get first() {
    for (const number of this.#rows.keys()) return number;
    return this.#next > 1 && this.#adopting === null ? this.#next : null;
  }

  /** The number of the last line that came. */
  get last() {
    return this.#open ? this.#next : this.#next - 1;
  }

  /** Takes a piece of the log: the text that begins in a line, and the offset behind it. */
  write(line, text, end) {
    if (line !== this.#next) {
      // Begins anew, or behind what was dropped.
      this.#parser.reset();
      this.#next = line;
    }
    const {done, open} = this.#parser.write(text);
    for (const runs of done) {
      this.#set(this.#next++, runs);
    }
    this.#open = open !== null;
    if (open) this.#set(this.#next, open);
    if (this.#adopting !== null && end >= this.#adopting) this.#adopting = null;
    this.#schedule();
  }

  /** Nothing more will come: what was held back is drawn. */
  finish() {
    this.#adopting = null;
    this.#schedule();
  }

  /** Forgets all lines: another log follows, or this one from its start. */
  reset() {
    this.#parser.reset();
    this.#changed.clear();
    this.#rows.clear();
    this.#lines.replaceChildren();
    this.#earlier.hidden = true;
    this.#next = 1;
    this.#unseen = 0;
    this.#drawn = 0;
    this.#adopting = null;
    this.#tell();
  }

  /** Goes to the end and stays there. */
  follow() {
    this.#setFollowing(true);
    this.#unseen = 0;
    this.#tell();
    this.#toEnd();
    this.#schedule();
  }

  /** Stays where it is. */
  unfollow() {
    this.#setFollowing(false);
  }

  /** Marks lines and shows the first of them; false if it is not here. */
  mark(from, to) {
    this.#marked = {from, to};
    for (const row of this.#lines.querySelectorAll(".hit")) row.classList.remove("hit");
    for (let number = from; number <= Math.min(to, from + LIMIT); number++) {
      this.#rows.get(number)?.classList.add("hit");
    }
    const first = this.#rows.get(from);
    if (!first) return false;
    this.unfollow();
    this.#center(first);
    return true;
  }

  unmark() {
    this.#marked = null;
    for (const row of this.#lines.querySelectorAll(".hit")) row.classList.remove("hit");
  }

  #center(row) {
    const box = this.#box.getBoundingClientRect();
    const at = row.getBoundingClientRect();
    this.#box.scrollTop += at.top - box.top - box.height / 3;
    this.#lastTop = this.#box.scrollTop;
  }

  #set(number, runs) {
    if (!this.#rows.has(number) && !this.#changed.has(number) && !this.#following) this.#unseen++;
    this.#changed.set(number, runs);
    // More than fits will not be seen: do not even keep it.
    if (this.#following && this.#changed.size > 2 * LIMIT) {
      for (const old of this.#changed.keys()) {
        this.#changed.delete(old);
        if (this.#changed.size <= LIMIT) break;
      }
    }
  }

  #schedule() {
    if (this.#frame === 0 && this.#adopting === null) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  #draw() {
    if (this.#drawn === 0 && this.#changed.size > 0) this.#lines.replaceChildren();
    let budget = 4000;
    for (const [number, runs] of this.#changed) {
      if (budget-- === 0) break;
      this.#changed.delete(number);
      const row = this.#rows.get(number) ?? this.#append(number);
      row.lastChild.replaceChildren(...nodes(runs));
    }
    if (this.#following) {
      this.#trim();
      this.#toEnd();
    } else if (this.#rows.size >= LIMIT + BLOCK) {
      this.onFull();
    }
    this.#tell();
    if (this.#changed.size > 0) this.#schedule();
  }

  #append(number) {
    let block = this.#lines.lastElementChild;
    if (!block || block.childElementCount >= BLOCK) {
      block?.style.setProperty("--rows", block.childElementCount);
      block = document.createElement("div");
      block.className = "block";
      this.#lines.append(block);
    }
    const row = document.createElement("div");
    row.className = "line";
    row.id = "L" + number;
    const link = document.createElement("a");
    link.className = "n";
    link.href = "#L" + number;
    link.dataset.n = number;
    link.tabIndex = -1;
    link.ariaHidden = "true";
    const text = document.createElement("span");
    text.className = "t";
    row.append(link, text);
    if (this.#marked && number >= this.#marked.from && number <= this.#marked.to) row.classList.add("hit");
    block.append(row);
    this.#rows.set(number, row);
    this.#drawn++;
    return row;
  }

  #trim() {
    while (this.#rows.size > LIMIT) {
      const block = this.#lines.firstElementChild;
      for (const row of block.children) this.#rows.delete(Number(row.id.slice(1)));
      block.remove();
    }
  }

  #toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#lastTop = this.#box.scrollTop;
  }

  #scrolled() {
    const top = this.#box.scrollTop;
    const atEnd = this.#box.scrollHeight - top - this.#box.clientHeight < 8;
    if (atEnd && !this.#following && top > this.#lastTop) this.follow();
    else if (!atEnd && this.#following) {
      if (performance.now() - this.#hand > HAND) this.#toEnd();
      else if (top < this.#lastTop) this.unfollow();
    }
    this.#lastTop = this.#box.scrollTop;
  }

  #setFollowing(following) {
    if (this.#following !== following) {
      this.#following = following;
      this.onFollow(following);
    }
  }

  #tell() {
    const first = this.first;
    if (first !== null && this.#drawn > 0) {
      this.#earlier.hidden = first <= 1;
      this.#earlier.querySelector("[data-earlier]").textContent = (first - 1).toLocaleString("en");
    }
    this.#more.hidden = this.#following || this.#unseen === 0;
    const many = this.#unseen === 1 ? "1 new line" : this.#unseen.toLocaleString("en") + " new lines";
    if (!this.#more.hidden) this.#more.textContent = many + " ↓";
  }
}
