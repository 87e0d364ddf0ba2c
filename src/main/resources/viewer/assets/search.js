/*
 * Search of a whole log, on the server, which has all of it. The hits are listed in pages around where the reader
 * is; how many there are, and where in the log, is known of all of them. A log that grows is searched on.
 */
import {EventReader} from "./event-stream.js";

const LISTED = 500; // hits of a page
const BUCKETS = 400;
const SPANS = 100; // of a hit are told at most
const PAUSE = 100; // milliseconds after the last key stroke
const TRIES = 20_000_000; // of a pattern in one line, to mark it there
const MARKING = 300; // milliseconds for all marks of a search
const GROWN = 1000; // milliseconds between two looks into what was written since
const SLOWER = 5; // times that is doubled at most, while they fail

export class Search {
  #url;
  #query = null;
  #page = {hits: [], next: null, from: 1};
  #found = {count: 0, lines: 0, searched: 0, buckets: [], total: 0, done: true, timedOut: false};
  #at = null; // the line of the current hit
  #request = null;
  #moving = false;
  #timer = 0;
  #grownTo = 0;
  #growing = 0;
  #failed = 0; // looks since the last that did not
  #last = {count: 0, lines: 0}; // what was found in the line behind those that were searched for good
  #spent = 0;
  #onChange;

  /**
   * @param url of the log, whose search is at `/search`
   * @param onChange called when there is more to tell
   */
  constructor(url, onChange) {
    this.#url = url;
    this.#onChange = onChange;
  }

  /** What is looked for, {text, regex, case}, null if nothing. */
  get query() {
    return this.#query;
  }

  /** What was found: how often, in how many lines, and in which parts of the log; or a problem. */
  get found() {
    return this.#found;
  }

  /** The line of the current hit, null if there is none. */
  get at() {
    return this.#at;
  }

  /** Which of the lines found that is, from 1, as far as that is known. */
  get index() {
    if (this.#at === null || this.#page.before === undefined) return null;
    const place = this.#page.hits.findIndex((hit) => hit.line === this.#at);
    return place < 0 ? null : this.#page.before + place + 1;
  }

  /** Another log, or the same one anew. */
  of(url) {
    this.#url = url;
    const query = this.#query;
    this.#query = null;
    if (query) this.look(query);
  }

  /** Looks for something, soon: who types is waited for. */
  look(query, from = 1) {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#query = query.text === "" ? null : query;
    this.#page = {hits: [], next: null, from: 1};
    this.#at = null;
    this.#last = {count: 0, lines: 0};
    this.#found = {count: 0, lines: 0, searched: 0, buckets: [], total: 0, done: this.#query === null, timedOut: false};
    if (this.#query === null) this.#onChange();
    else this.#timer = setTimeout(() => this.#start(from), PAUSE);
  }

  #address(more) {
    const {text, regex, case: matchCase} = this.#query;
    const fields = {q: text, ...(regex && {regex}), ...(matchCase && {case: matchCase}), ...more};
    return this.#url + "/search?" + new URLSearchParams(fields);
  }

  async #start(from) {
    const request = (this.#request = new AbortController());
    const query = this.#query;
    this.#onChange();
    try {
      const response = await fetch(this.#address({limit: LISTED, buckets: BUCKETS}), {
        headers: {Accept: "text/event-stream"},
        signal: request.signal,
        cache: "no-store",
      });
      if (!response.ok) return this.#refused(await problem(response));
      const events = new EventReader();
      const text = new TextDecoder();
      const body = response.body.getReader();
      for (;;) {
        const {done, value} = await body.read();
        if (this.#query !== query) return;
        if (done) break;
        for (const event of events.read(text.decode(value, {stream: true}))) {
          this.#take(event.name, JSON.parse(event.data), from);
        }
      }
      if (!this.#found.done) this.#refused("the connection was lost");
    } catch (error) {
      if (!request.signal.aborted) this.#refused("the service did not answer");
    }
  }

  #take(name, data, from) {
    if (name === "hits") {
      this.#page.hits.push(...data.hits);
      this.#page.before = 0;
      if (this.#at === null) {
        const first = this.#page.hits.find((hit) => hit.line >= from);
        if (first) this.#at = first.line;
      }
    } else {
      this.#found = {...this.#found, ...data, done: name === "end"};
      this.#page.next = data.next;
      if (name === "end" && !data.timedOut) this.#found.searched = this.#forGood(data, this.#page.hits);
      if (name === "end" && this.#at === null && this.#page.hits.length > 0) {
        // Nothing from there on in this page: what is behind it, else around to the first.
        if (data.next === null) this.#at = this.#page.hits[0].line;
        else return void this.#list(Math.max(from, data.next)).then(() => this.#onChange());
      }
    }
    this.#onChange();
  }

  #refused(why) {
    this.#found = {...this.#found, done: true, problem: why};
    this.#onChange();
  }

  /** The log has grown to so many lines: looks into the new ones, now and then. */
  grown(total) {
    this.#grownTo = total;
    if (this.#query === null || this.#growing !== 0) return;
    this.#growing = setTimeout(() => {
      this.#growing = 0;
      const {done, searched, problem: refused} = this.#found;
      if (this.#query === null || refused || this.#grownTo <= searched) return;
      if (done) this.#more(searched);
      else this.grown(this.#grownTo);
    }, GROWN * 2 ** Math.min(this.#failed, SLOWER));
  }

  /**
   * Up to which line of a log need not be looked at again. The last line of one that is written may go on, so what
   * was found there counts for now only, if that is known.
   */
  #forGood({total, complete, next}, hits) {
    this.#last = {count: 0, lines: 0};
    if (complete || total === 0) return total;
    const hit = hits.at(-1)?.line === total ? hits.at(-1) : null;
    if (next !== null || hit?.spans.length >= SPANS) return total;
    if (hit) this.#last = {count: hit.spans.length, lines: 1};
    return total - 1;
  }

  /* The last line that was looked at may have gone on: it is looked at again with the next ones. */
  async #more(searched) {
    const query = this.#query;
    const before = this.#page;
    try {
      const from = searched + 1;
      const response = await fetch(this.#address({limit: LISTED, buckets: 1, from}));
      if (!response.ok) {
        if (response.status >= 500) this.#growLater();
        return;
      }
      this.#failed = 0;
      const data = await response.json();
      if (this.#query !== query || this.#found.searched !== searched) return;
      const spread = Math.max(1, this.#found.buckets.length);
      const buckets = rescaled(this.#found.buckets, this.#found.total, data.total);
      for (const hit of data.hits) {
        const place = Math.floor(((hit.line - 1) * spread) / Math.max(1, data.total));
        buckets[Math.min(spread - 1, place)]++;
      }
      const {count, lines} = this.#last;
      this.#last = {count: 0, lines: 0};
      this.#found = {
        ...this.#found,
        count: this.#found.count - count + data.count,
        lines: this.#found.lines - lines + data.lines,
        searched: data.timedOut ? Math.max(searched, data.searched) : this.#forGood(data, data.hits),
        total: data.total,
        timedOut: this.#found.timedOut || data.timedOut,
        buckets,
      };
      if (this.#page === before && before.next === null && data.hits.length > 0) {
        before.hits = [...before.hits.filter(({line}) => line < from), ...data.hits];
        before.next = data.next;
      }
      this.#onChange();
    } catch {
      this.#growLater();
    }
  }

  #growLater() {
    this.#failed++;
    this.grown(this.#grownTo);
  }

  /** Goes to the next line found behind a line, and from the last one to the first. */
  async next(after = this.#at ?? 0) {
    await this.#move(async () => {
      let hit = this.#page.hits.find(({line}) => line > after);
      const covered = this.#page.hits.length > 0 && this.#page.hits[0].line <= after;
      if (hit && (covered || this.#page.from === 1)) return hit;
      await this.#list(after + 1);
      hit = this.#page.hits[0];
      if (hit) return hit;
      await this.#list(1);
      return this.#page.hits[0];
    });
  }

  /** Goes to the line found before a line, and from the first one to the last. */
  async previous(before = this.#at ?? Infinity) {
    await this.#move(async () => {
      let hit = this.#page.hits.findLast(({line}) => line < before);
      if (hit) return hit;
      hit = await this.#lastBefore(before);
      return hit ?? (await this.#lastBefore(Infinity));
    });
  }

  async #move(find) {
    if (this.#query === null || this.#moving || this.#found.lines === 0) return;
    this.#moving = true;
    try {
      const hit = await find();
      if (hit) this.#at = hit.line;
    } catch {
      // Stays where it is.
    } finally {
      this.#moving = false;
    }
    this.#onChange();
  }

  /** By what is known of where hits are, from the nearest part of the log that has one. */
  async #lastBefore(line) {
    const {buckets, total} = this.#found;
    const part = Math.max(1, total) / Math.max(1, buckets.length);
    let bucket = Math.min(buckets.length - 1, Math.floor((Math.min(line, total + 1) - 2) / part));
    for (; bucket >= 0; bucket--) {
      if (buckets[bucket] === 0) continue;
      let from = Math.max(1, Math.floor(bucket * part));
      let found = null;
      for (;;) {
        await this.#list(from);
        const last = this.#page.hits.findLast((hit) => hit.line < line);
        found = last ?? found;
        const end = (bucket + 1) * part;
        if (this.#page.next === null || this.#page.next >= Math.min(line, end + 1)) break;
        from = this.#page.next;
      }
      if (found) return found;
    }
    return null;
  }

  async #list(from) {
    const query = this.#query;
    const response = await fetch(this.#address({limit: LISTED, from}));
    if (!response.ok) throw new Error("status " + response.status);
    const {hits, next} = await response.json();
    if (this.#query !== query) throw new Error("another search");
    const before = from === 1 ? 0 : next === null ? this.#found.lines - hits.length : undefined;
    this.#page = {hits, next, from, before};
    if (this.#at === null && hits.length > 0) this.#at = hits[0].line;
  }

  /** The places in a text that are like what is looked for. */
  places(text) {
    if (this.#query === null || this.#found.problem) return [];
    const {pattern, longest} = this.#pattern();
    if (pattern === null || text.length > longest) return [];
    const places = [];
    const start = performance.now();
    for (const found of text.matchAll(pattern)) {
      if (found[0].length > 0) places.push([found.index, found.index + found[0].length]);
      if (places.length === 200) break;
    }
    this.#spent += performance.now() - start;
    if (this.#spent > MARKING) this.#query.known.pattern = null;
    return places;
  }

  /* Nearly all of RE2's patterns are JavaScript's as well; for others the line alone is marked. */
  #pattern() {
    const {text, regex, case: matchCase, known} = this.#query;
    if (known) return known;
    const source = regex ? text.replace(/^\(\?i\)/, "") : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const flags = "gu" + (matchCase && !/^\(\?i\)/.test(regex ? text : "") ? "" : "i");
    let pattern = null;
    try {
      pattern = new RegExp(source, flags);
    } catch {
      // A pattern that this language does not know.
    }
    this.#spent = 0;
    return (this.#query.known = {pattern, longest: longest(source)});
  }
}

/**
 * How long a text may be so that this language's engine, which tries all ways to match, is done with it soon. What
 * repeats choices has exponentially many ways: 0. Otherwise these are the places where each repetition may end.
 */
export function longest(source) {
  let loops = 1; // the match's start is one
  let choices = 1;
  const groups = [];
  const tokens = /\\(?:[pP]\{[^}]*\}|[^])|\[(?:\\[^]|[^\]\\])*\]|\((?:\?:)?|\)|\||([*+?]|\{\d+(?:,\d*)?\})\??|[^]/gu;
  let closed = null; // the group that has just ended
  for (const [token, repeated] of source.matchAll(tokens)) {
    const group = closed;
    closed = null;
    const within = groups.at(-1);
    if (/^\\[1-9]/.test(token)) return 0;
    else if (token === "(" || token === "(?:") groups.push({varies: false});
    else if (token === ")") {
      closed = groups.pop() ?? null;
      if (closed?.varies && groups.length > 0) groups.at(-1).varies = true;
    } else if (token === "|") {
      if (within) {
        within.varies = true;
        choices *= 2;
      }
    } else if (repeated) {
      if (within) within.varies = true;
      if (repeated === "?") choices *= 2;
      else if (group?.varies) return 0;
      else if (!/^\{\d+\}$/.test(repeated)) loops++;
    }
  }
  let ways = TRIES / choices;
  for (let i = 2; i <= loops; i++) ways *= i;
  return Math.floor(ways ** (1 / loops));
}

/** Counts of the parts of a log that has grown. */
function rescaled(buckets, before, now) {
  const parts = Math.max(1, buckets.length);
  const moved = Array(parts).fill(0);
  buckets.forEach((count, part) => {
    moved[Math.min(parts - 1, Math.floor((part * before) / Math.max(1, now)))] += count;
  });
  return moved;
}

async function problem(response) {
  const told = await response.json().catch(() => ({}));
  return told.errors?.[0]?.message ?? told.title ?? "status " + response.status;
}
