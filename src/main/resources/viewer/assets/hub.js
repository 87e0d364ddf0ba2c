/*
 * The shared worker that holds the streams of all tabs of a browser. Over HTTP/1.1 a browser has six connections
 * for a site, so a log that several tabs follow is one stream, and when more logs are followed than there may be
 * streams, these take turns: each goes on exactly where it was.
 */
import {EventStream} from "./event-stream.js";

const STREAMS = 4; // at a time; the others are for pages
const TURN = 500; // milliseconds
const SILENT = 60_000; // milliseconds after which a tab counts as gone
const MUCH = 4_000_000; // characters that a tab has not taken yet
const LITTLE = 500_000;

/** What one tab wants of a channel. What it does not take in time it loads later. */
class Member {
  #port;
  #number;
  #untaken = 0;
  #behind = false;

  constructor(tab, number) {
    this.#port = tab.port;
    this.#number = number;
  }

  tell(message) {
    if (message.name === "log") {
      if (this.#behind) return;
      if (this.#untaken > MUCH) {
        this.#behind = true;
        message = {type: "state", state: "behind"};
      } else {
        this.#untaken += message.data.text.length;
      }
    }
    this.#port.postMessage({member: this.#number, ...message});
  }

  taken(length, state) {
    this.#untaken -= length;
    if (this.#behind && this.#untaken < LITTLE) {
      this.#behind = false;
      this.joined(state);
    }
  }

  /** There may be lines that this tab was not told of. */
  joined(state) {
    this.tell({type: "event", name: "joined", data: null, id: null});
    if (state) this.tell(state);
  }
}

/** A stream and who follows it. */
class Channel {
  members = new Map(); // name of a member -> it
  startedAt = 0;
  #status = null;
  #state = null;

  constructor(url, position, onOver) {
    this.url = url;
    this.stream = new EventStream(
      url,
      position,
      (name, data, id) => {
        const message = {type: "event", name, data, id};
        if (name === "status") this.#status = message;
        this.#tell(message);
      },
      (state, detail) => {
        this.#state = {type: "state", state, detail};
        this.#tell(this.#state);
        if (state === "final" || state === "gone") onOver(this);
      },
    );
  }

  /** Lets a member hear what is going on, from now on. */
  add(name, member, isNew) {
    this.members.set(name, member);
    if (isNew) return;
    if (this.#status) member.tell(this.#status);
    member.joined(this.#state);
  }

  taken(name, length) {
    this.members.get(name)?.taken(length, this.#state);
  }

  #tell(message) {
    for (const member of this.members.values()) member.tell(message);
  }

  start() {
    this.startedAt = performance.now();
    this.stream.start();
  }
}

const channels = new Map(); // url -> channel
const running = new Set();
const waiting = new Set();
const tabs = new Set();
let tabsSoFar = 0;

function open(tab, {member, url, position}) {
  let channel = channels.get(url);
  const isNew = !channel;
  if (isNew) {
    channel = new Channel(url, position, remove);
    channels.set(url, channel);
    waiting.add(channel);
  }
  const name = tab.name + ":" + member;
  tab.follows.set(name, channel);
  channel.add(name, new Member(tab, member), isNew);
  turn();
}

function close(tab, name) {
  const channel = tab.follows.get(name);
  tab.follows.delete(name);
  channel?.members.delete(name);
  if (channel?.members.size === 0) remove(channel);
}

function remove(channel) {
  channel.stream.stop();
  if (channels.get(channel.url) === channel) channels.delete(channel.url);
  running.delete(channel);
  waiting.delete(channel);
  turn();
}

/** Lets those go on who wait, in the place of those that had their turn. */
function turn() {
  for (const channel of waiting) {
    if (running.size >= STREAMS) {
      const oldest = running.values().next().value;
      if (performance.now() - oldest.startedAt < TURN) return;
      oldest.stream.stop();
      running.delete(oldest);
      waiting.add(oldest);
    }
    waiting.delete(channel);
    running.add(channel);
    channel.start();
  }
}

setInterval(() => {
  if (waiting.size > 0) turn();
}, TURN / 5);

setInterval(() => {
  for (const tab of tabs) if (performance.now() - tab.heard > SILENT) lose(tab);
}, SILENT / 4);

/** A tab that only slept (a dialog, a lid) goes on where it was once it wakes. */
function lose(tab) {
  for (const name of tab.follows.keys()) tab.port.postMessage({type: "lost", member: Number(name.split(":")[1])});
  leave(tab);
}

function leave(tab) {
  tabs.delete(tab);
  for (const name of [...tab.follows.keys()]) close(tab, name);
}

globalThis.onconnect = ({ports: [port]}) => {
  const tab = {name: ++tabsSoFar, port, heard: 0, follows: new Map()};
  port.onmessage = ({data}) => {
    tab.heard = performance.now();
    tabs.add(tab);
    const name = tab.name + ":" + data.member;
    if (data.type === "open") open(tab, data);
    else if (data.type === "close") close(tab, name);
    else if (data.type === "taken") tab.follows.get(name)?.taken(name, data.length);
    else if (data.type === "leave") leave(tab);
  };
};
