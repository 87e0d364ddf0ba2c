/*
 * The lines of one attempt's log, as far as they are here: pages of them that were loaded because somebody looks
 * there, and what streams in at the end. Only so much of both is kept; the rest is a request away.
 *
 * Lines are numbered from 1. A page is known in part while it loads, and while the log is written. What streams
 * in may begin within a line, where a stream is shared: such a line is ragged, and is loaded instead.
 */
import {AnsiParser} from "./ansi.js";

const PAGE = 500; // lines
const PAGES = 40; // kept
const CHARACTERS = 8_000_000; // kept, about
const LONGEST = 64 * 1024; // characters of a line that are kept; the server cuts it there, too
const AGAIN = 500; // milliseconds between two loads of a line that still grows
const LATER = 2000; // milliseconds until what could not be loaded is tried again

const LOADS = 2; // at a time

class Page {
  texts = [];
  times = [];
  characters = 0;
  /** The lines before this one have runs, and the style in which it begins. */
  #parsed = 0;
  #style;
  #runs = [];

  set(index, text, time) {
    this.characters += text.length - (this.texts[index]?.length ?? 0);
    this.texts[index] = text;
    if (time !== undefined) this.times[index] = time;
    if (index < this.#parsed) this.#parsed = 0;
  }

  /** The style behind its last line, if it got there. */
  get last() {
    return this.#parsed === PAGE ? this.#style : undefined;
  }

  /** What to draw of a line; colours go on from line to line. */
  runs(index, before, open) {
    if (this.#parsed === 0) {
      this.#style = before;
      this.#runs = [];
    }
    while (this.#parsed <= index) {
      const text = this.texts[this.#parsed];
      const parser = new AnsiParser(this.#style);
      const runs = text === undefined ? [] : parser.line(text);
      // The last line may grow, and a gap be filled.
      if ((open && this.#parsed === index) || text === undefined) {
        if (this.#parsed === index) return runs;
      }
      this.#runs[this.#parsed++] = runs;
      this.#style = parser.style;
    }
    return this.#runs[index];
  }
}

/** Where a line is. */
const pageOf = (line) => Math.floor((line - 1) / PAGE);
const indexOf = (line) => (line - 1) % PAGE;

export class Lines {
  #url;
  #pages = new Map();
  #total;
  #streamed = -1;
  #begun = "";
  #open = 0;
  #tail = 0; // the line that was the last one when it was loaded
  #ragged = 0;
  #grown = 0; // timer of the ragged line that has grown
  #stale = new Set(); // lines that grew since what is here of them was asked for
  #whole;
  #dropped = null;
  #wanted = null;
  #loading = new Map();
  #gone = false;
  #closed = false;
  #failed = 0;
  #retry = 0;
  #onChange;

  /**
   * @param url of the log, whose lines are at `/lines`
   * @param total how many lines there are by now
   * @param whole the offset of a line's start at which the stream begins
   * @param dropped what was not kept, {line, lines}, or null
   * @param onChange called when lines came or changed
   */
  constructor(url, {total, whole, dropped}, onChange) {
    this.#url = url;
    this.#total = total;
    this.#whole = whole;
    this.#dropped = dropped;
    this.#onChange = onChange;
  }

  /** How many lines there are, as far as is known. */
  get total() {
    return this.#total;
  }

  /** Whether the log was taken away, so that only what is here can be read. */
  get gone() {
    return this.#gone;
  }

  /** The lines without a row: all of a dropped stretch but the first, which tells of it. */
  get dropped() {
    return this.#dropped && this.#dropped.lines > 1
      ? {from: this.#dropped.line + 1, to: this.#dropped.line + this.#dropped.lines - 1}
      : null;
  }

  /** How many lines are kept. */
  get kept() {
    let kept = 0;
    for (const page of this.#pages.values()) kept += page.texts.length;
    return kept;
  }

  /**
   * A line: its runs, when it came, and whether it tells of a dropped stretch; null if it is not here.
   * The same line has the same `text` as long as it did not change.
   */
  get(line) {
    const page = this.#pages.get(pageOf(line));
    const index = indexOf(line);
    const text = page?.texts[index];
    if (text === undefined) return null;
    return {
      text,
      time: page.times[index] ?? null,
      isMarker: this.#dropped?.line === line,
      runs: () => page.runs(index, this.#pages.get(pageOf(line) - 1)?.last, line === this.#open),
    };
  }

  /** Takes what the stream brought: text that begins in a line, at an offset, and the offset behind it. */
  append(line, text, offset, end) {
    if (offset !== this.#streamed) {
      this.#unsure();
      // The start of a line, or within one whose start is not known here.
      this.#ragged = offset === 0 || offset === this.#whole ? 0 : line;
      this.#begun = "";
    }
    this.#streamed = end;
    const parts = text.split("\n");
    const now = Date.now();
    for (let i = 0; i < parts.length; i++) {
      const isLast = i === parts.length - 1;
      if (isLast && parts[i] === "" && this.#begun === "") break;
      if (line + i === this.#ragged) {
        if (isLast) this.#grew();
        else this.#ended();
        continue;
      }
      const goesOn = this.#begun !== "";
      this.#begun = shortened(this.#begun + parts[i]);
      this.#set(line + i, this.#begun, goesOn ? undefined : now);
      this.#stale.delete(line + i);
      if (line + i === this.#tail) this.#tail = 0;
      if (!isLast) this.#begun = "";
    }
    const ended = text.endsWith("\n");
    const last = line + parts.length - (ended ? 2 : 1);
    this.#open = ended ? 0 : last;
    this.#total = Math.max(this.#total, last);
    this.#trim();
  }

  /** There are so many lines at least. */
  grow(total) {
    this.#unsure();
    this.#total = Math.max(this.#total, total);
  }

  /** A line by itself, as it is drawn. */
  drawn(text) {
    return new AnsiParser().line(text);
  }

  #at(line) {
    return this.#pages.get(pageOf(line))?.texts[indexOf(line)];
  }

  #set(line, text, time) {
    this.#page(line).set(indexOf(line), text, time);
  }

  #page(line) {
    const number = pageOf(line);
    let page = this.#pages.get(number);
    if (page) this.#pages.delete(number); // to the end: it was of use
    else page = new Page();
    this.#pages.set(number, page);
    return page;
  }

  /** A line whose start did not come is loaded, again when it has grown, and a last time when it ended. */
  #grew() {
    this.#grown ||= setTimeout(() => {
      this.#grown = 0;
      this.#stale.add(this.#ragged);
      this.#load();
    }, AGAIN);
  }

  #ended() {
    this.#unsure();
    this.#failed = 0;
    this.#ragged = 0;
  }

  /** Lines of which more may have come than is here. */
  #unsure() {
    clearTimeout(this.#grown);
    this.#grown = 0;
    for (const line of [this.#ragged, this.#open, this.#tail]) if (line > 0) this.#stale.add(line);
    this.#tail = 0;
  }

  /**
   * Says which lines are looked at: those that are not here are loaded, these first.
   *
   * @param hiddenUntil tells of a line that is not shown up to where that goes on, of others null
   */
  want(from, to, hiddenUntil = () => null) {
    this.#wanted = {from, to: Math.min(to, this.#total), hiddenUntil};
    this.#load();
  }

  #missing({from, to, hiddenUntil}) {
    for (let line = from; line <= to; line++) {
      const hidden = hiddenUntil(line);
      if (hidden !== null) {
        line = hidden;
      } else if (this.#dropped && line > this.#dropped.line && line < this.#dropped.line + this.#dropped.lines) {
        line = this.#dropped.line + this.#dropped.lines - 1;
      } else if ((this.#at(line) === undefined || this.#stale.has(line)) && !this.#loading.has(pageOf(line))) {
        return line;
      }
    }
    return null;
  }

  #load() {
    if (this.#gone || this.#closed || this.#wanted === null || performance.now() < this.#failed) return;
    for (const [page, request] of this.#loading) {
      // A reader who went on does not wait for where he was.
      if (page < pageOf(this.#wanted.from) || page > pageOf(this.#wanted.to)) request.abort();
    }
    while (this.#loading.size < LOADS) {
      const line = this.#missing(this.#wanted);
      if (line === null) return;
      this.#fetch(line);
    }
  }

  async #fetch(line) {
    const page = pageOf(line);
    const request = new AbortController();
    this.#loading.set(page, request);
    const end = (page + 1) * PAGE;
    // A whole page, so that it has its colours, unless its lines are too long for one answer.
    const from = this.#pages.has(page) ? line : page * PAGE + 1;
    const stale = new Map(); // with what is here of them now
    for (const each of this.#stale) if (each >= from && each <= end) stale.set(each, this.#at(each));
    for (const each of stale.keys()) this.#stale.delete(each); // one that grows from here on is asked for once more
    try {
      const loaded = await this.fetch(from, end - from + 1, request.signal);
      const until = this.#take(loaded, stale);
      for (const each of stale.keys()) if (each >= until) this.#stale.add(each);
      if (loaded.lines.length === 0 && line <= this.#total) {
        this.#failed = performance.now() + LATER; // not stored yet
        this.#later();
      }
    } catch (problem) {
      for (const each of stale.keys()) this.#stale.add(each);
      if (problem.name === "AbortError" && request.signal.aborted) {
        // Not wanted any more.
      } else if (problem.status === 404 || problem.status === 410) {
        this.#gone = true;
      } else {
        this.#failed = performance.now() + LATER;
        this.#later();
      }
    } finally {
      if (this.#loading.get(page) === request) this.#loading.delete(page);
    }
    this.#onChange();
    this.#load();
  }

  #later() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#load(), LATER + 50);
  }

  /** Lines by their numbers, from the server. */
  async fetch(from, count, signal) {
    const response = await fetch(`${this.#url}/lines?from=${from}&count=${count}&timestamps=true`, {signal});
    if (!response.ok) throw Object.assign(new Error("status " + response.status), {status: response.status});
    return response.json();
  }

  /** Takes an answer, which what streamed in since it was asked for may be ahead of, but for `stale` lines. */
  #take({from, lines, total, times, dropped}, stale) {
    this.#total = Math.max(this.#total, total);
    if (dropped) this.#dropped = {line: dropped.line, lines: dropped.lines};
    let line = from;
    for (let i = 0; i < lines.length; i++) {
      const time = times[i] ? Date.parse(times[i]) : undefined;
      if (dropped && i === dropped.index) {
        // A line of which the head was kept tells of the rest behind it.
        const head = i > 0 && line > dropped.line ? this.#at(dropped.line) + " " : "";
        if (from > dropped.line) this.#stale.add(dropped.line); // its head is not in this answer
        if (from <= dropped.line || this.#at(dropped.line) === undefined) this.#set(dropped.line, head + lines[i], undefined);
        line = dropped.line + Math.max(1, dropped.lines);
        if (dropped.lines === 0 && i + 1 < lines.length) {
          this.#set(dropped.line, this.#at(dropped.line) + " " + lines[++i], undefined);
        }
      } else {
        // What streamed in since it was asked for is newer.
        if (line === dropped?.line || this.#at(line) === stale.get(line)) this.#set(line, shortened(lines[i]), time);
        line++;
      }
    }
    if (line > total) {
      if (this.#tail > 0 && this.#tail < line - 1) this.#stale.add(this.#tail);
      this.#tail = line - 1;
    }
    this.#trim();
    return line;
  }

  /** Lets go of what was of no use for longest; never of where the reader is, nor of the end. */
  #trim() {
    let characters = 0;
    for (const page of this.#pages.values()) characters += page.characters;
    for (const [number, page] of this.#pages) {
      if (this.#pages.size <= 3 || (this.#pages.size <= PAGES && characters <= CHARACTERS)) return;
      const looked =
        this.#wanted !== null && number >= pageOf(this.#wanted.from) - 1 && number <= pageOf(this.#wanted.to) + 1;
      if (!looked && number < pageOf(this.#total)) {
        this.#pages.delete(number);
        characters -= page.characters;
      }
    }
  }

  /** Another log follows. */
  close() {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#grown);
    for (const request of this.#loading.values()) request.abort();
  }
}

/** A line that is drawn over and over keeps its last states, another one its start. */
function shortened(text) {
  if (text.length <= LONGEST) return text;
  const drawnOver = text.lastIndexOf("\r", text.length - 2048);
  const kept = drawnOver < 0 ? text : text.slice(drawnOver + 1);
  return kept.slice(0, LONGEST);
}
