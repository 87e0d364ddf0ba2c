/*
 * A window on the rows of a log of any length. Only the rows around what is seen are elements, so a log of ten
 * million lines costs what one of a hundred does.
 *
 * The reader scrolls natively through a space as high as all rows, or as high as a browser can make it. The rows
 * stand in a block within it; where that block is and what is in it follows from an anchor, the row at the top
 * edge and how far it is cut off. As long as the reader stays within the block, the anchor is read from where the
 * rows are, so that scrolling is by pixels whatever the space is scaled to; who jumps out of it goes to the same
 * part of the log as of the space. Once scrolling rests, the two are brought in line again.
 */
import {nodes, textOf} from "./ansi.js";
import {RowMap} from "./row-map.js";

const HIGHEST = 15_000_000; // pixels; browsers clamp heights at 17.8 and 33.5 million
const EDGE = 20_000; // pixels from either end that are not scaled
const NEAR = 5; // heights of the window that are scrolled by pixels at once
const FEW = 300; // rows that are all drawn, so that short logs scroll as any text does
const HAND = 1000; // milliseconds after which scrolling is not the hand's any more
const REST = 150; // milliseconds after which scrolling rests

/** Whether the browser tells when a scrolling has ended. */
const SCROLLEND = "onscrollend" in window;

export class LogView {
  #box;
  #space;
  #block;
  #more;
  #lines = null;
  #folds = null;
  #rows = new RowMap();
  #drawn = new Map(); // line -> {element, text, shown}
  #anchor = {row: 0, px: 0};
  #first = 0; // row of the block, negative until that is drawn where the anchor is
  #top = 0; // of the block, in pixels of the space
  #rowHeight = 20;
  #average = 20;
  #width = 0;
  #frame = 0;
  #following;
  #seen = 0; // how many lines the reader knows of
  #lastTop = 0;
  #hand = -Infinity;
  #late = false; // whether rows got their text after they were drawn without it
  #goal = null; // the line that was gone to, until a hand moves on
  #rest = 0;
  #marked = null;
  #current = null;
  #look = {wrapped: false, times: "off", start: 0, find: null};

  onFollow = () => {};
  /** Called with the first and last line that are seen. */
  onSeen = () => {};

  /**
   * @param box the scrolling element, with what the server sent in `.lines`
   * @param more the button that tells of new lines
   */
  constructor(box, more, following) {
    this.#box = box;
    this.#more = more;
    this.#following = following;
    this.#space = element("div", "space");
    this.#block = element("div", "lines");
    this.#space.append(this.#block);
    box.addEventListener("scroll", () => this.#scrolled(), {passive: true});
    if (SCROLLEND) box.addEventListener("scrollend", () => this.#rested());
    // What scrolls is as often the layout of new lines as the reader: only a hand counts.
    for (const sign of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      box.addEventListener(sign, () => this.#moved(), {passive: true});
    }
    // Who moves the page has seen where the line is.
    for (const sign of ["wheel", "touchmove", "keydown"]) {
      addEventListener(sign, () => (this.#goal = null), {passive: true, capture: true});
    }
    more.addEventListener("click", () => this.follow());
    new ResizeObserver(() => this.#resized()).observe(box);
  }

  /** Shows a log; what the server sent stays until its lines are here. */
  show(lines, folds) {
    this.#lines = lines;
    this.#folds = folds;
    this.#drawn.clear();
    this.#block.replaceChildren();
    this.#anchor = {row: 0, px: 0};
    this.#seen = lines.total;
    this.#marked = null;
    this.#current = null;
    this.#goal = null;
    this.changed();
  }

  get following() {
    return this.#following;
  }

  /** The lines at the edges of what is seen. */
  get seen() {
    const last = Math.min(this.#rows.count - 1, this.#anchor.row + this.#page() - 1);
    return {from: this.#rows.lineOf(this.#anchor.row), to: this.#rows.lineOf(Math.max(0, last))};
  }

  /** How many elements are there for rows. */
  get drawn() {
    return this.#drawn.size;
  }

  /** Lines came or changed, or folds did. */
  changed() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  /**
   * How lines are shown.
   *
   * @param look any of `wrapped`, `times` (off, relative or absolute) with `start` (milliseconds), and `find`, which
   *     gives the places in a text to be marked
   */
  look(look) {
    Object.assign(this.#look, look);
    const seen = this.#box.scrollTop > 0 ? this.#sentSeen()[0] : null;
    const before = seen?.getBoundingClientRect().top;
    this.#box.classList.toggle("wrapped", this.#look.wrapped);
    this.#box.classList.toggle("timed", this.#look.times !== "off");
    if (seen) this.#box.scrollTop += seen.getBoundingClientRect().top - before;
    for (const row of this.#drawn.values()) row.text = null;
    if ("wrapped" in look || "times" in look) {
      this.#average = this.#rowHeight;
      this.#width = 0;
      this.#space.style.minWidth = "";
      this.#first = -1;
    }
    this.changed();
  }

  /** Goes to the end and stays there. */
  follow() {
    this.#goal = null;
    if (!this.#space.isConnected) this.#box.scrollTop = this.#box.scrollHeight;
    this.#setFollowing(true);
    this.changed();
  }

  /** Stays where it is. */
  unfollow() {
    this.#setFollowing(false);
  }

  /**
   * Shows a line, a third from the top.
   *
   * @param again whether that is what is shown anyway, so that who scrolled in what the server sent stays there
   */
  goTo(line, again = false) {
    this.unfollow();
    if (!again && !this.#space.isConnected) this.#box.scrollTop = 0;
    this.#folds?.reveal(line);
    this.#box.scrollIntoView({block: "nearest"});
    this.#measure();
    const row = this.#rows.rowOf(Math.min(line, Math.max(1, this.#lines.total)));
    const above = Math.floor(this.#page() / 3);
    this.#goal = line;
    this.#place({row: Math.max(0, row - above), px: 0}, row);
  }

  /** The line that was gone to; null once the reader moved on. */
  get goal() {
    return this.#goal;
  }

  #moved() {
    this.#hand = performance.now();
    this.#goal = null;
  }

  /** Whether a hand moved the log since a moment, in milliseconds since the page began. */
  movedSince(moment) {
    return this.#hand > moment;
  }

  /** Moves by rows. */
  move(rows) {
    this.#moved();
    this.#box.scrollTop += rows * this.#rowHeight;
  }

  toStart() {
    this.#moved();
    this.goTo(1);
  }

  /** Marks lines, none if null. */
  mark(range) {
    this.#marked = range;
    this.#dress();
  }

  /** Marks the line where a search is. */
  point(line) {
    this.#current = line;
    this.#dress();
  }

  /** The rows around what is seen, as many as are here, for paper. */
  printed(most) {
    const paper = element("div", "lines paper");
    let from = this.seen.from;
    let to = from;
    while (to - from < most && this.#lines.get(to + 1)) to++;
    while (to - from < most && from > 1 && this.#lines.get(from - 1)) from--;
    for (let line = from; line <= to; line++) {
      const row = this.#row(line);
      row.element.removeAttribute("id");
      this.#fill(row, line);
      paper.append(row.element);
    }
    return paper;
  }

  #page() {
    return Math.max(1, Math.ceil(this.#box.clientHeight / this.#rowHeight));
  }

  #measure() {
    if (!this.#lines) return;
    const dropped = this.#lines.dropped;
    const hidden = this.#folds?.hidden() ?? [];
    const line = this.#rows.lineOf(this.#anchor.row);
    this.#rows.set(this.#lines.total, dropped ? [...hidden, dropped] : hidden);
    const row = this.#rows.rowOf(line);
    if (row !== this.#anchor.row) {
      // Folds opened or closed above: the reader stays with the text.
      this.#anchor.row = row;
      this.#first = -1;
    }
  }

  get #height() {
    const rows = this.#rows.count * (this.#look.wrapped ? this.#average : this.#rowHeight);
    return Math.min(HIGHEST, rows);
  }

  /** Whether all rows are drawn, wherever the reader is. */
  get #all() {
    return this.#rows.count <= FEW;
  }

  /** Goes to an anchor, wherever in the space that is. `row` is one that has to be seen then. */
  #place(anchor, row = anchor.row) {
    this.#measure();
    this.#anchor = anchor;
    this.#first = -1; // the block is nowhere
    this.#draw();
    const shown = this.#element(row);
    if (shown) {
      // Rows above may be higher than was thought.
      const at = shown.getBoundingClientRect().top - this.#box.getBoundingClientRect().top;
      const third = row === anchor.row ? 0 : this.#box.clientHeight / 3;
      if (Math.abs(at - third) > this.#rowHeight) {
        this.#box.scrollTop += at - third;
        // The box may just have grown with its rows: it shows more of them, and is laid out anew by its anchor.
        this.#anchor = this.#anchorAt(this.#box.scrollTop) ?? this.#anchor;
        this.#draw();
      }
    }
    this.#lastTop = this.#box.scrollTop;
  }

  #element(row) {
    return this.#drawn.get(this.#rows.lineOf(row))?.element ?? null;
  }

  #draw() {
    if (!this.#lines) return;
    this.#measure();
    const count = this.#rows.count;
    const page = this.#page();
    if (count > 0 && !this.#space.isConnected) {
      if (!this.#begins(page)) return;
      if (this.#goal !== null) return this.goTo(this.#goal); // the box had another height when that was asked for
    }
    if (this.#following) this.#anchor = {row: Math.max(0, count - page), px: 0};
    this.#anchor.row = Math.min(this.#anchor.row, Math.max(0, count - 1));
    const first = this.#all ? 0 : Math.max(0, this.#anchor.row - page);
    const end = this.#all ? count : Math.min(count, this.#anchor.row + 2 * page + 1);
    const jumped = this.#first < 0 || this.#all;
    this.#fillBlock(first, end);
    this.#settle(first, end, jumped);
    const late = this.#late;
    this.#late = false;
    // Rows above the line became higher than they were thought.
    if (late && this.#goal !== null && this.#look.wrapped) return this.goTo(this.#goal);
    this.#tell();
    if (end > first) this.#want(first, end - 1);
    this.onSeen();
  }

  /** Takes the place of what the server sent, once there is something to show in it. */
  #begins(page) {
    this.#keepReader();
    const last = this.#rows.count - 1;
    const row = this.#following ? Math.max(0, last - page + 1) : Math.min(this.#anchor.row, last);
    for (let seen = row; seen <= Math.min(last, row + page - 1); seen++) {
      if (this.#lines.get(this.#rows.lineOf(seen)) === null) {
        this.#want(Math.max(0, row - page), Math.min(last, row + 2 * page));
        return false;
      }
    }
    this.#space.style.height = this.#height + "px"; // or the box and the page would be scrolled to their starts
    this.#box.prepend(this.#space);
    for (const sent of this.#box.querySelectorAll(":scope > .lines, .sent")) sent.remove();
    this.#measureRow();
    this.#space.style.height = this.#height + "px"; // how many rows are seen is asked before they are there
    this.#first = -1;
    return true;
  }

  #want(first, last) {
    this.#lines.want(this.#rows.lineOf(first), this.#rows.lineOf(last), (line) => this.#rows.hiddenUntil(line));
  }

  /** Those rows of what the server sent that are seen, while it is shown. */
  #sentSeen() {
    if (this.#space.isConnected) return [];
    const {top, bottom} = this.#box.getBoundingClientRect();
    return [...this.#box.querySelectorAll(".lines > .line")].filter((row) => {
      const place = row.getBoundingClientRect();
      return place.bottom > top && place.top < bottom;
    });
  }

  /** Who scrolled in what the server sent stays there. */
  #keepReader() {
    const box = this.#box.getBoundingClientRect();
    const top = this.#box.scrollTop;
    if (top === 0 && (this.#following || this.#goal !== null)) return;
    if (this.#following && this.#box.scrollHeight - this.#box.clientHeight - top < 8) return;
    const seen = this.#sentSeen();
    const first = seen[0];
    // By itself a browser goes to what the address says.
    if (!first || seen.some((row) => row.id === "L" + this.#goal)) return;
    this.unfollow();
    this.#goal = null;
    const px = box.top - first.getBoundingClientRect().top;
    this.#anchor = {row: this.#rows.rowOf(Number(first.id.slice(1))), px: Math.max(0, px)};
  }

  /* It changes with the reader's font size. */
  #measureRow() {
    const probe = element("div", "line");
    this.#block.append(probe);
    this.#rowHeight = probe.getBoundingClientRect().height || this.#rowHeight;
    this.#average = this.#rowHeight;
    probe.remove();
  }

  /** Brings the elements of the block to be these rows, keeping those that are. */
  #fillBlock(first, end) {
    const wanted = new Set();
    for (let row = first; row < end; row++) wanted.add(this.#rows.lineOf(row));
    for (const [line, row] of this.#drawn) {
      if (!wanted.has(line)) {
        row.element.remove();
        this.#drawn.delete(line);
      }
    }
    let next = this.#block.firstChild;
    for (const line of wanted) {
      let row = this.#drawn.get(line);
      if (!row) {
        row = this.#row(line);
        this.#drawn.set(line, row);
      }
      if (row.element === next) next = next.nextSibling;
      else this.#block.insertBefore(row.element, next);
      this.#fill(row, line);
    }
    this.#dress();
  }

  #row(line) {
    const row = element("div", "line");
    row.id = "L" + line;
    const link = element("a", "n");
    link.href = "#L" + line;
    link.dataset.n = line;
    link.tabIndex = -1;
    link.ariaHidden = "true";
    const text = element("span", "t");
    row.append(link, text);
    return {element: row, text: null, fold: undefined};
  }

  #fill(row, line) {
    const known = this.#lines.get(line);
    const fold = this.#folds?.at(line);
    const shape = fold ? fold.isOpen + " " + fold.title + fold.seconds : undefined;
    const text = known?.text ?? null;
    if (row.text === text && row.fold === shape && text !== null) return;
    row.text = text;
    row.fold = shape;
    const shown = row.element.lastChild;
    this.#late ||= known !== null && row.element.classList.contains("away");
    row.element.classList.toggle("away", known === null);
    row.element.classList.toggle("marker", known?.isMarker === true);
    row.element.classList.toggle("fold", fold !== undefined);
    row.element.querySelector(".at")?.remove();
    if (this.#look.times !== "off" && known !== null) {
      const at = element("span", "at");
      at.textContent = this.#time(known.time);
      shown.before(at);
    }
    if (fold) shown.replaceChildren(...this.#foldNodes(line, fold));
    else if (known) {
      const runs = known.runs();
      shown.replaceChildren(...nodes(runs, this.#look.find?.(textOf(runs)) ?? []));
    } else shown.replaceChildren();
  }

  #foldNodes(line, fold) {
    const button = element("button", "toggle");
    button.type = "button";
    button.tabIndex = -1;
    button.ariaExpanded = String(fold.isOpen);
    button.dataset.fold = line;
    button.textContent = fold.title || "(no title)";
    if (fold.seconds === null) return [button];
    const lasted = element("span", "lasted");
    lasted.textContent = seconds(fold.seconds);
    return [button, lasted];
  }

  #time(time) {
    if (time === null) return "";
    if (this.#look.times === "relative") return "+" + seconds((time - this.#look.start) / 1000);
    const date = new Date(time);
    const two = (number, width = 2) => String(number).padStart(width, "0");
    return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(":") +
      "." + two(date.getMilliseconds(), 3);
  }

  #dress() {
    for (const [line, {element: row}] of this.#drawn) {
      row.classList.toggle("hit", this.#marked !== null && line >= this.#marked.from && line <= this.#marked.to);
      row.classList.toggle("current", line === this.#current);
    }
  }

  /** Puts the block and the space where the anchor wants them. */
  #settle(first, end, jumped) {
    const block = this.#block;
    const count = this.#rows.count;
    if (this.#look.wrapped && end > first) this.#average = Math.max(this.#rowHeight, block.offsetHeight / (end - first));
    const own = block.offsetHeight;
    const height = this.#all ? own : Math.max(this.#height, own);
    this.#space.style.height = height + "px";
    const width = this.#look.wrapped ? 0 : Math.max(this.#width, block.scrollWidth);
    if (width !== this.#width) {
      this.#width = width;
      this.#space.style.minWidth = width ? width + "px" : "";
    }
    const box = this.#box;
    const view = box.clientHeight;
    const room = Math.max(0, box.scrollHeight - view);
    if (this.#following) {
      this.#first = first;
      this.#put(this.#all ? 0 : height - own);
      box.scrollTop = room;
      this.#lastTop = box.scrollTop;
      this.#anchor = this.#anchorAt(box.scrollTop) ?? this.#anchor;
      return;
    }
    if (this.#all) {
      this.#put(0);
      this.#restore(room);
      this.#first = 0;
      this.#lastTop = box.scrollTop;
      return;
    }
    const before = this.#offset(this.#anchor.row, first);
    if (jumped) this.#restore(room);
    this.#first = first;
    let top = box.scrollTop - this.#anchor.px - before;
    if (first === 0 && top !== 0 && (top < 0 || !this.#exact)) {
      // Above the first row there is nothing.
      box.scrollTop = this.#anchor.px + before;
      top = 0;
    } else if (end === count && Math.abs(top + own - height) > 1 && !this.#exact) {
      box.scrollTop += height - own - top;
      top = height - own;
    }
    this.#put(this.#exact ? first * this.#rowHeight : top);
    this.#lastTop = box.scrollTop;
  }

  get #exact() {
    return !this.#look.wrapped && this.#rows.count * this.#rowHeight <= HIGHEST;
  }

  #put(top) {
    if (this.#top !== top) {
      this.#top = top;
      this.#block.style.top = top + "px";
    }
  }

  #offset(row, first) {
    const shown = this.#element(row);
    return shown ? shown.offsetTop : (row - first) * this.#average;
  }

  /** Scrolls the space to where the anchor is. */
  #restore(room) {
    const {row, px} = this.#anchor;
    if (this.#all) {
      const shown = this.#element(row);
      if (shown && this.#first < 0) this.#box.scrollTop = shown.offsetTop + px;
    } else if (this.#exact) {
      this.#box.scrollTop = row * this.#rowHeight + px;
    } else {
      this.#box.scrollTop = scaled(row * this.#average + px, this.#pixels, room);
    }
  }

  /** How far the rows could be scrolled, were the space as high as they are. */
  get #pixels() {
    return Math.max(0, this.#rows.count * this.#average - this.#box.clientHeight);
  }

  /** The anchor of a place within the block or near to it; null far from it. */
  #anchorAt(top) {
    const y = top - this.#top;
    const own = this.#block.offsetHeight;
    const near = NEAR * this.#box.clientHeight;
    if (y < -near || y > own + near) return null;
    const first = Math.max(0, this.#first);
    if (this.#look.wrapped && y >= 0) {
      let row = first;
      for (const child of this.#block.children) {
        if (child.offsetTop + child.offsetHeight > y) return {row, px: y - child.offsetTop};
        row++;
      }
      return this.#at(row * this.#average + y - own);
    }
    return this.#at(first * this.#average + y);
  }

  /** The anchor so many pixels from the first row. */
  #at(pixels) {
    const place = Math.max(0, pixels);
    const row = Math.min(Math.max(0, this.#rows.count - 1), Math.floor(place / this.#average));
    return {row, px: place - row * this.#average};
  }

  #scrolled() {
    if (!this.#space.isConnected) return;
    const box = this.#box;
    const top = box.scrollTop;
    const room = box.scrollHeight - box.clientHeight;
    const byHand = performance.now() - this.#hand <= HAND;
    const atEnd = room - top < 8 && this.#rows.count - this.#anchor.row <= 2 * this.#page() + 1;
    if (this.#following && !atEnd) {
      if (!byHand) {
        box.scrollTop = room;
        return;
      }
      if (top < this.#lastTop) this.unfollow();
    } else if (!this.#following && atEnd && byHand && top > this.#lastTop) {
      this.follow();
      return;
    }
    // Where the block is about to be drawn anew, it says nothing of where the reader is.
    if (top !== this.#lastTop && !this.#following && this.#first >= 0) {
      this.#anchor = this.#anchorAt(top) ?? this.#proportional(top, room);
      this.changed();
    }
    this.#lastTop = top;
    // At an edge of the space there is no scrolling on, however many rows are behind it.
    if (top === 0 || top >= room) this.#rested();
    if (SCROLLEND) return; // a busy page may see no event for longer than a rest while it still scrolls
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rested(), REST);
  }

  #proportional(top, room) {
    return this.#at(this.#exact ? top : scaled(top, room, this.#pixels));
  }

  /** Brings the space in line with where the reader got to. */
  #rested() {
    if (this.#following || this.#all || this.#exact) return;
    // Moved on, and not told of it yet: that event brings the rest anew.
    if (this.#box.scrollTop !== this.#lastTop) return;
    const room = this.#box.scrollHeight - this.#box.clientHeight;
    const before = this.#box.scrollTop;
    this.#restore(room);
    const moved = this.#box.scrollTop - before;
    if (moved !== 0) {
      this.#lastTop = this.#box.scrollTop;
      this.#put(this.#top + moved);
    }
  }

  #resized() {
    if (!this.#space.isConnected) return;
    this.#measureRow();
    if (!this.#following && !this.#all) this.#first = -1;
    this.changed();
  }

  #setFollowing(following) {
    if (this.#following !== following) {
      this.#following = following;
      if (!following) this.#seen = this.#lines?.total ?? 0;
      this.onFollow(following);
    }
    this.#tell();
  }

  #tell() {
    const unseen = this.#following ? 0 : (this.#lines?.total ?? 0) - this.#seen;
    this.#more.hidden = unseen <= 0;
    if (unseen > 0) {
      const text = (unseen === 1 ? "1 new line" : unseen.toLocaleString("en") + " new lines") + " ↓";
      if (this.#more.textContent !== text) this.#more.textContent = text;
    }
  }
}

/**
 * Where a place of one space is in another: as far from the edge while near to it, so that scrolling there is
 * exact, and in between in proportion.
 */
function scaled(place, from, to) {
  const edge = Math.min(EDGE, from / 2, to / 2);
  if (place <= edge) return Math.max(0, place);
  if (from - place <= edge) return Math.max(0, to - Math.max(0, from - place));
  return edge + ((place - edge) / (from - 2 * edge)) * (to - 2 * edge);
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

/** A duration, as short as it can be told. */
function seconds(amount) {
  if (amount < 9.95) return Math.max(0, amount).toFixed(1) + " s";
  if (amount < 60) return Math.round(amount) + " s";
  const whole = Math.round(amount);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 3600) return Math.floor(whole / 60) + ":" + two(whole % 60);
  return Math.floor(whole / 3600) + ":" + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
}
