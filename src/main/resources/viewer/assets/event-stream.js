/*
 * Server-sent events over fetch: unlike EventSource it tells why a connection failed, and can begin at an id.
 * A connection that says nothing for longer than the server's heartbeat is taken for dead.
 */

const SILENCE = 40_000;
const SHORTEST = 500;
const LONGEST = 5_000;

/** Reads events out of text that comes in pieces. */
export class EventReader {
  #buffer = "";
  #name = "";
  #data = [];
  #id = null;

  /** Takes more text and gives the events that it completed. */
  read(text) {
    this.#buffer += text;
    const events = [];
    const lines = this.#buffer.split("\n");
    this.#buffer = lines.pop();
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (this.#data.length > 0) {
          events.push({name: this.#name || "message", data: this.#data.join("\n"), id: this.#id});
        }
        this.#name = "";
        this.#data = [];
        this.#id = null;
      } else if (!line.startsWith(":")) {
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "event") this.#name = value;
        else if (field === "data") this.#data.push(value);
        else if (field === "id") this.#id = value;
      }
    }
    return events;
  }
}

/** Follows a stream over broken connections, without gap or repeat. */
export class EventStream {
  #url;
  #position;
  #onEvent;
  #onState;
  #aborter = null;

  /**
   * @param {string} url where it is
   * @param {string} position the id to begin behind
   * @param onEvent called with name, parsed data and id
   * @param onState called with `live`, `reconnecting` (and in how many seconds), `final`, or `gone` (and why)
   */
  constructor(url, position, onEvent, onState) {
    this.#url = url;
    this.#position = position;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  get running() {
    return this.#aborter !== null;
  }

  /** The id to go on behind. */
  get position() {
    return this.#position;
  }

  start() {
    if (this.#aborter === null) {
      this.#aborter = new AbortController();
      this.#follow(this.#aborter.signal);
    }
  }

  stop() {
    this.#aborter?.abort();
    this.#aborter = null;
  }

  async #follow(stopped) {
    let pause = SHORTEST;
    while (!stopped.aborted) {
      let wait = pause;
      try {
        const over = await this.#connection(stopped, () => (pause = SHORTEST));
        if (over) {
          this.stop();
          this.#onState(over.state, over.why);
          return;
        }
        wait = SHORTEST;
      } catch (problem) {
        if (stopped.aborted) return;
        wait = Math.max(pause, problem.retryAfter ?? 0);
        pause = Math.min(pause * 2, LONGEST);
      }
      if (stopped.aborted) return;
      this.#onState("reconnecting", Math.round(wait / 1000));
      await new Promise((again) => setTimeout(again, wait * (0.8 + 0.4 * Math.random())));
    }
  }

  /** One connection; what is the end of all, or nothing if it broke. */
  async #connection(stopped, onOpen) {
    const own = new AbortController();
    const stop = () => own.abort();
    stopped.addEventListener("abort", stop);
    let timer = setTimeout(stop, SILENCE);
    try {
      const headers = {Accept: "text/event-stream"};
      if (this.#position) headers["Last-Event-ID"] = this.#position;
      const response = await fetch(this.#url, {headers, signal: own.signal, cache: "no-store"});
      if (response.status === 204) return {state: "final"};
      if (!response.ok) return await refused(response);
      onOpen();
      this.#onState("live");
      const events = new EventReader();
      const text = new TextDecoder();
      const body = response.body.getReader();
      for (;;) {
        const {done, value} = await body.read();
        if (done || stopped.aborted) return null;
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE);
        for (const event of events.read(text.decode(value, {stream: true}))) {
          this.#onEvent(event.name, JSON.parse(event.data), event.id);
          if (event.id !== null) this.#position = event.id;
          if (stopped.aborted) return null;
          if (event.name === "end") return {state: "final"};
        }
      }
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener("abort", stop);
      own.abort();
    }
  }
}

/** What is refused for good ends the stream; the rest is tried again. */
async function refused(response) {
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    const error = new Error("status " + response.status);
    error.retryAfter = 1000 * (Number.parseInt(response.headers.get("Retry-After"), 10) || 0);
    throw error;
  }
  const problem = await response.json().catch(() => ({}));
  return {state: "gone", why: problem.title ?? "status " + response.status};
}
