/* Brings the log of a page to life: its stream, window, search, folds and buttons. */
import {textOf} from "./ansi.js";
import {Folds} from "./folds.js";
import {Lines} from "./lines.js";
import {LogView} from "./log-view.js";
import {Marks} from "./marks.js";
import {hashOf, linesOf} from "./permalink.js";
import {Search} from "./search.js";
import {SearchBar} from "./search-bar.js";
import {openStream} from "./streams.js";

const AGAIN = 2_000; // milliseconds until what failed is tried again
const FOLDING = 5_000; // milliseconds between two looks for folds while the log is written
const COPIED = 20_000; // lines at most
const PAPER = 5_000;
const TIMES = ["off", "relative", "absolute"];

export class LogPage {
  #box;
  #frame;
  #refresh;
  #view;
  #lines;
  #folds;
  #search;
  #bar;
  #marks;
  #stream = null;
  #attempt;
  #live;
  #final = false;
  #told = "";
  #wanted;
  #wantedAt = 0; // milliseconds since the page began
  #foldedAt = 0;
  #folding = null;
  #connection = document.getElementById("connection");
  #buttons = {};

  /**
   * @param box the element of the log
   * @param refresh called when what is around the log has changed
   */
  constructor(box, refresh) {
    this.#box = box;
    this.#frame = box.parentElement;
    this.#refresh = refresh;
    this.#live = box.dataset.live !== undefined;
    this.#attempt = Number(box.dataset.attempt);
    this.#wanted = linesOf(location.hash) ?? wantedBefore(box);
    const follows = this.#wanted === null || this.#wanted.from > Number(box.dataset.total);
    this.#view = new LogView(box, document.querySelector(".more"), follows);
    this.#search = new Search(this.#url, () => this.#searched());
    this.#bar = new SearchBar(document.getElementById("search"), this.#search, () => this.#view.seen.from);
    this.#marks = new Marks(this.#frame.querySelector(".marks"));
  }

  /** Whether the attempt that is shown, or the one that follows it, is under way. */
  get live() {
    return this.#live && !this.#final;
  }

  get #url() {
    return this.#box.dataset.logs + "/" + this.#attempt + "/log";
  }

  get #errorLine() {
    return Number(document.querySelector("[data-error-line]")?.dataset.errorLine) || null;
  }

  open() {
    const {dataset} = this.#box;
    for (const noscript of document.querySelectorAll(".noscript")) noscript.remove();
    this.#begin({
      total: Number(dataset.total),
      whole: dataset.within === undefined ? Number(dataset.position.split(":")[1]) : 0,
      dropped: dataset.dropped ? {line: Number(dataset.dropped), lines: Number(dataset.droppedLines)} : null,
    });
    this.#view.onFollow = () => this.#showFollowing();
    this.#view.onSeen = () => this.#showMarks();
    this.#wire();
    this.#fit();
    new ResizeObserver(() => this.#fit()).observe(document.getElementById("main"));
    this.#restoreLooks();
    this.#goToWanted(true);
    if (this.#live) {
      this.#stream = this.#streamFrom(dataset.position);
      document.addEventListener("visibilitychange", () => this.#visible());
      this.#visible();
    } else {
      this.#ended();
    }
  }

  /* The log takes what is left of the window, however much is above it. */
  #fit() {
    const above = Math.round(this.#frame.getBoundingClientRect().top + scrollY);
    if (above !== this.#above) {
      this.#above = above;
      this.#frame.style.setProperty("--above", above + "px");
    }
  }

  #above = 0;

  /** A log begins: the first one of the page, or that of the attempt that follows. */
  #begin(known) {
    this.#lines?.close();
    const lines = (this.#lines = new Lines(this.#url, known, () => {
      this.#view.changed();
      if (lines.gone && lines === this.#lines) this.#say("gone", "No longer there");
    }));
    this.#folds = new Folds(this.#url, this.#live);
    this.#view.show(this.#lines, this.#folds);
    this.#loadFolds();
    this.#search.of(this.#url);
    document.querySelector("[data-raw]").href = this.#url;
    const download = document.querySelector(".tools [download]");
    download.href = this.#url + "?follow=false";
    download.download = download.download.replace(/[0-9]+\.log$/, this.#attempt + ".log");
  }

  #streamFrom(position) {
    return openStream(
      this.#box.dataset.stream,
      position,
      (name, data, id) => this.#onEvent(name, data, id),
      (state, detail) => this.#onState(state, detail),
    );
  }

  #onEvent(name, data, id) {
    if (name === "joined") {
      this.#look();
      return;
    }
    const number = id ? Number(id.split(":")[0]) : data.number;
    if (number > this.#attempt) this.#next(number);
    if (number < this.#attempt) return; // of a stream that another tab began earlier
    if (name === "log") {
      this.#lines.append(data.line, data.text, data.offset, Number(id.split(":")[1]));
      this.#grown(Number(id.split(":")[1]));
      return;
    }
    const state = [data.number, data.status, data.pendingReason, data.startedAt, data.next].join();
    if (name === "end" || (this.#told !== "" && this.#told !== state)) this.#refresh();
    this.#told = state;
    this.#began(data.startedAt);
  }

  /* Lines are timed from when the attempt began, which may be after the page was loaded. */
  #began(startedAt) {
    if (!startedAt || Date.parse(startedAt) === Date.parse(this.#box.dataset.started)) return;
    this.#box.dataset.started = startedAt;
    this.#view.look({start: Date.parse(startedAt)});
  }

  #next(number) {
    this.#attempt = number;
    const heading = document.querySelector("#log-title [data-attempt]");
    if (heading) heading.textContent = number;
    this.#begin({total: 0, whole: 0, dropped: null});
    this.#view.follow();
  }

  #grown(bytes) {
    const total = this.#lines.total;
    document.getElementById("part-size").textContent =
      total.toLocaleString("en") + (total === 1 ? " line, " : " lines, ") + size(bytes);
    this.#search.grown(total);
    this.#view.changed();
    this.#goToWanted();
    // Also when nothing more comes: a fold begins with what takes long.
    const due = Math.max(0, this.#foldedAt + FOLDING - performance.now());
    this.#folding ??= setTimeout(() => this.#loadFolds(), due);
  }

  /** Another tab's stream is ahead of this page: looks how far the log is. */
  async #look() {
    const lines = this.#lines;
    try {
      const {total} = await lines.fetch(Math.max(1, lines.total), 1);
      lines.grow(total);
      if (lines !== this.#lines) return;
      this.#search.grown(lines.total);
      this.#view.changed();
      this.#goToWanted();
    } catch ({status}) {
      if (status !== 404 && status !== 410) setTimeout(() => lines === this.#lines && this.#look(), AGAIN);
    }
  }

  async #loadFolds() {
    clearTimeout(this.#folding);
    this.#folding = null;
    this.#foldedAt = performance.now();
    const folds = this.#folds;
    const isFirst = !folds.isLoaded;
    folds.need(this.#errorLine);
    if ((await folds.load()) && folds === this.#folds) {
      if (this.#wanted) folds.reveal(this.#wanted.from);
      else if (isFirst && !this.#view.following && this.#view.goal === null) folds.reveal(this.#view.seen.from);
      this.#buttons.folds.hidden = !folds.any;
      this.#view.changed();
      if (isFirst && this.#view.goal !== null) this.#view.goTo(this.#view.goal, true);
    }
  }

  #onState(state, detail) {
    this.#final = state === "final" || state === "gone";
    this.#say(state, {
      live: "Live",
      behind: "Behind, catching up",
      reconnecting: "Connection lost, trying again" + (detail > 1 ? " in " + detail + " s" : ""),
      final: "Ended",
      gone: "No longer there: " + detail,
    }[state]);
    if (this.#final) this.#ended(state === "gone" ? null : undefined);
  }

  async #ended(say = "Ended") {
    this.#final = true;
    this.#showFollowing();
    if (say) this.#say("final", say);
    if (this.#live) {
      await this.#look();
      this.#loadFolds();
    }
    if (this.#wanted && this.#wanted.from > this.#lines.total) {
      this.#say("final", "Line " + this.#wanted.from.toLocaleString("en") + " is not in this log");
      this.#wanted = null;
    }
  }

  #say(state, text) {
    if (this.#connection.dataset.state === state && this.#connection.textContent === text) return;
    this.#connection.dataset.state = state;
    this.#connection.textContent = text;
  }

  /* A tab that nobody sees needs no stream; what came meanwhile is there when it is seen again. */
  #visible() {
    if (this.#final) return;
    if (document.hidden) {
      this.#stream.stop();
      this.#say("paused", "Paused in the background");
    } else {
      this.#stream.start();
    }
  }

  /** The page was loaded again: an attempt that is under way now is followed. */
  underWay(box) {
    if (box?.dataset.live === undefined || !this.#final) return;
    this.#final = false;
    if (!this.#live) {
      this.#live = true;
      document.addEventListener("visibilitychange", () => this.#visible());
    }
    this.#stream?.stop();
    this.#stream = this.#streamFrom(box.dataset.position);
    const number = Number(box.dataset.attempt);
    if (number > this.#attempt) this.#next(number);
    this.#visible();
    this.#showFollowing();
  }

  #goToWanted(again = false) {
    if (this.#wanted === null || this.#wanted.from > this.#lines.total) return;
    const {from, to} = this.#wanted;
    this.#wanted = null;
    if (!this.#view.movedSince(this.#wantedAt)) this.#view.goTo(from, again);
    this.#view.mark({from, to});
  }

  #searched() {
    this.#bar.show();
    this.#view.look({find: this.#search.query ? (text) => this.#search.places(text) : null});
    const at = this.#search.at;
    if (at !== this.#pointed) {
      this.#pointed = at;
      this.#view.point(at);
      if (at !== null) this.#view.goTo(at);
    }
    this.#showMarks();
  }

  #pointed = null;

  #showMarks() {
    const {buckets} = this.#search.found;
    this.#marks.show({
      total: this.#lines.total,
      buckets: this.#search.query ? buckets : [],
      error: this.#errorLine,
      marked: linesOf(location.hash),
      bar: this.#box.offsetWidth - this.#box.clientWidth,
    });
  }

  #showFollowing() {
    const {follow} = this.#buttons;
    if (!follow) return;
    follow.hidden = !this.live;
    follow.ariaPressed = String(this.#view.following);
  }

  #wire() {
    const button = (name, action) => {
      const found = document.querySelector(`[data-${name}]`);
      if (found) {
        found.hidden = false;
        found.addEventListener("click", action);
      }
      return found;
    };
    this.#buttons = {
      follow: button("follow", () => this.#toggleFollowing()),
      wrap: button("wrap", () => this.#wrap()),
      times: button("times", () => this.#times()),
      full: button("full", () => this.#full()),
      folds: button("folds", () => this.#toggleFolds()),
      copy: button("copy-log", () => this.#copy()),
    };
    this.#buttons.folds.hidden = true;
    button("find", () => this.#bar.open());
    this.#showFollowing();
    document.addEventListener("click", (event) => {
      const error = event.target.closest?.("a[data-error-line]");
      if (error && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.#firstError();
      }
    });
    this.#box.addEventListener("click", (event) => this.#clicked(event));
    this.#box.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "f") {
        event.preventDefault(); // the browser would look into what is drawn only
        this.#bar.open();
      }
    });
    addEventListener("hashchange", () => {
      this.#wanted = linesOf(location.hash);
      this.#wantedAt = performance.now();
      if (this.#wanted) this.#goToWanted();
      else this.#view.mark(null);
    });
    document.addEventListener("fullscreenchange", () => {
      this.#buttons.full.ariaPressed = String(document.fullscreenElement !== null);
    });
    let paper = null;
    addEventListener("beforeprint", () => {
      paper = this.#view.printed(PAPER);
      this.#frame.append(paper);
    });
    addEventListener("afterprint", () => paper?.remove());
  }

  #clicked(event) {
    const fold = event.target.closest?.("[data-fold]");
    if (fold) {
      this.#view.unfollow();
      this.#folds.toggle(Number(fold.dataset.fold));
      this.#view.changed();
      return;
    }
    const link = event.target.closest?.("a.n");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const clicked = Number(link.dataset.n);
    const known = linesOf(location.hash);
    const chosen = event.shiftKey && known
      ? {from: Math.min(known.from, clicked), to: Math.max(known.from, clicked)}
      : {from: clicked, to: clicked};
    history.replaceState(null, "", hashOf(chosen));
    this.#view.unfollow();
    this.#view.mark(chosen);
    this.#showMarks();
  }

  #firstError() {
    const line = this.#errorLine;
    if (line === null) return;
    history.replaceState(null, "", "#L" + line);
    this.#view.goTo(line);
    this.#view.mark({from: line, to: line});
  }

  #toggleFollowing() {
    if (this.#view.following) this.#view.unfollow();
    else this.#view.follow();
  }

  #toggleFolds() {
    const open = this.#folds.hidden().length > 0;
    this.#folds.all(open);
    this.#buttons.folds.textContent = open ? "Close folds" : "Open folds";
    this.#view.changed();
  }

  #wrap(on = !this.#box.classList.contains("wrapped")) {
    this.#view.look({wrapped: on});
    this.#buttons.wrap.ariaPressed = String(on);
    localStorage.setItem("buildonce.wrap", on ? "on" : "off");
  }

  #times(how = TIMES[(TIMES.indexOf(localStorage.getItem("buildonce.times") ?? "off") + 1) % TIMES.length]) {
    const start = Date.parse(this.#box.dataset.started || this.#box.dataset.queued);
    this.#view.look({times: how, start});
    this.#buttons.times.textContent = {off: "Times", relative: "Times: since start", absolute: "Times: clock"}[how];
    this.#buttons.times.ariaPressed = String(how !== "off");
    localStorage.setItem("buildonce.times", how);
  }

  #full() {
    const output = document.querySelector(".output");
    if (document.fullscreenElement) document.exitFullscreen();
    else output.requestFullscreen?.().catch(() => {});
  }

  #restoreLooks() {
    if (localStorage.getItem("buildonce.wrap") === "on") this.#wrap(true);
    const times = localStorage.getItem("buildonce.times");
    if (TIMES.includes(times) && times !== "off") this.#times(times);
  }

  /** Copies the marked lines, or all, as they look: without colours. */
  async #copy() {
    const marked = linesOf(location.hash);
    const total = this.#lines.total;
    const {from, to} = marked ?? {from: Math.max(1, total - COPIED + 1), to: total};
    const told = this.#buttons.copy;
    try {
      const end = Math.min(to, total, from + COPIED - 1);
      const many = Math.max(0, end - from + 1);
      await copied(this.#text(from, end));
      told.textContent = "Copied " + (many === 1 ? "1 line" : many.toLocaleString("en") + " lines");
    } catch {
      told.textContent = "Not copied";
    }
    clearTimeout(this.#copied);
    this.#copied = setTimeout(() => (told.textContent = "Copy"), 2500);
  }

  #copied = 0;

  async #text(from, to) {
    const lines = new Lines(this.#url, {total: to, whole: -1, dropped: null}, () => {});
    const texts = [];
    for (let at = from; at !== null && at <= to; ) {
      const page = await lines.fetch(at, Math.min(10_000, to - at + 1));
      texts.push(...page.lines.map((line) => textOf(lines.drawn(line))));
      if (page.lines.length === 0) break;
      at = page.next;
    }
    return texts.join("\n") + "\n";
  }

  get keys() {
    return [
      ["/", "search in the log", () => this.#bar.open()],
      ["n", "next hit", () => this.#search.next()],
      ["N", "previous hit", () => this.#search.previous()],
      ["e", "first error", () => this.#firstError()],
      ["f", "follow the log, or stop", () => this.live && this.#toggleFollowing()],
      ["j", "a line down", () => this.#view.move(1)],
      ["k", "a line up", () => this.#view.move(-1)],
      ["g", "start of the log", () => this.#view.toStart()],
      ["G", "end of the log", () => this.#view.follow()],
      ["w", "wrap long lines", () => this.#wrap()],
      ["t", "times: off, since the start, by the clock", () => this.#times()],
      ["z", "open or close all folds", () => this.#folds.any && this.#toggleFolds()],
      ["F", "full screen", () => this.#full()],
      ["l", "go to the log", () => this.#box.focus()],
    ];
  }
}

/** A page that begins with a line, for who has no script, begins there with script as well. */
function wantedBefore(box) {
  const from = Number(box.dataset.from);
  return from ? {from, to: from} : null;
}

/* A browser lets text that is still on its way be copied only as a promise. */
async function copied(text) {
  if (globalThis.ClipboardItem && navigator.clipboard?.write) {
    const blob = text.then((string) => new Blob([string], {type: "text/plain"}));
    await navigator.clipboard.write([new ClipboardItem({"text/plain": blob})]);
  } else if (navigator.clipboard) {
    await navigator.clipboard.writeText(await text);
  } else {
    copiedByHand(await text);
  }
}

/* Over plain HTTP there is no clipboard for a page, but what is selected can be copied. */
function copiedByHand(text) {
  const box = document.createElement("textarea");
  box.value = text;
  (document.fullscreenElement ?? document.body).append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("not allowed");
}

function size(bytes) {
  if (bytes < 1e3) return bytes + " bytes";
  return bytes < 1e6 ? (bytes / 1e3).toFixed(1) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
}
