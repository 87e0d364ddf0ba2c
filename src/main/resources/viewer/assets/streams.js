/* Streams of this tab, which all tabs of the browser share where it has shared workers. */
import {EventStream} from "./event-stream.js";

const SIGN = 15_000; // milliseconds between signs of life

let port;
let members = 0;
const listening = new Map();

/** Follows a stream from a position: an EventStream, or what is like one. */
export function openStream(url, position, onEvent, onState) {
  port ??= connect();
  return port === null
    ? new EventStream(url, position, onEvent, onState)
    : new SharedStream(new URL(url, location.href).href, position, onEvent, onState);
}

class SharedStream {
  #member = null;
  #url;
  #position;
  #onEvent;
  #onState;

  constructor(url, position, onEvent, onState) {
    this.#url = url;
    this.#position = position;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  get running() {
    return this.#member !== null;
  }

  /** The id to go on behind. */
  get position() {
    return this.#position;
  }

  start() {
    if (this.#member !== null) return;
    this.#member = ++members;
    listening.set(this.#member, this);
    port.postMessage({type: "open", member: this.#member, url: this.#url, position: this.#position});
  }

  stop() {
    if (this.#member === null) return;
    port.postMessage({type: "close", member: this.#member});
    listening.delete(this.#member);
    this.#member = null;
  }

  take(message) {
    if (message.type === "lost") {
      this.stop();
      this.start();
    } else if (message.type === "event") {
      if (message.id) this.#position = message.id;
      this.#onEvent(message.name, message.data, message.id);
      if (message.name === "log") {
        port.postMessage({type: "taken", member: this.#member, length: message.data.text.length});
      }
    } else {
      if (message.state === "final" || message.state === "gone") this.stop();
      this.#onState(message.state, message.detail);
    }
  }
}

function connect() {
  if (!globalThis.SharedWorker) return null;
  const hub = new URL("./hub.js", import.meta.url).href;
  try {
    const worker = new SharedWorker(trusted(hub), {type: "module"});
    worker.port.onmessage = ({data}) => listening.get(data.member)?.take(data);
    setInterval(() => listening.size > 0 && worker.port.postMessage({type: "here"}), SIGN);
    addEventListener("pagehide", () => worker.port.postMessage({type: "leave"}));
    return worker.port;
  } catch {
    return null; // not allowed here
  }
}

/** Pages allow no script but their own: this one is. */
function trusted(hub) {
  const policy = globalThis.trustedTypes?.createPolicy("buildonce-hub", {createScriptURL: () => hub});
  return policy ? policy.createScriptURL(hub) : hub;
}
