import {shortcuts} from "./keys.js";
import {Parts} from "./parts.js";
import {Rows} from "./rows.js";
import {openStream} from "./streams.js";
import {keepTimes} from "./times.js";

const PACE = 1000; // from one load of the page to the next, however much happens
const POLL = 1000; // a start is no published change, so the stream does not tell of it
const SLOW_POLL = 5000; // without the stream

const list = document.querySelector(".builds");
const later = list.dataset.later; // where the first page is, if this is none
const rows = new Rows(list);
const showTimes = keepTimes();

/* A build that changes is on the first page then: a later page stays as it is but for how its builds stand. */
let restorePlace = () => {};
const parts = new Parts((page) => {
  rows.take(page.querySelector(".builds"), later !== undefined);
  showTimes();
  restorePlace();
}, later ?? location.pathname + location.search, () => (restorePlace = rows.hold()));

const form = document.querySelector(".filters");
form.addEventListener("submit", () => {
  // Fields that ask for nothing stay out of the URL.
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});

const connection = document.getElementById("connection");
let stream = follow();
let live = false;
let loading = false;
let again = false;
let loaded = -PACE;
let timer = 0;

function follow() {
  return openStream(list.dataset.events, "", onEvent, onState);
}

function onEvent(name, data) {
  if (name === "progress") return;
  if (name === "joined") {
    refresh(); // another tab's stream may be ahead of this page
    return;
  }
  const prefix = form.elements.prefix.defaultValue;
  if (!data.key.startsWith(prefix)) return;
  if (name === "removed" && later !== undefined) rows.gone("build-" + data.key);
  refresh();
}

function onState(state, detail) {
  live = state === "live";
  if (state === "gone" && stream.position) {
    // What was published meanwhile is no longer kept; the page shows where it led to.
    stream = follow();
    stream.start();
    return;
  }
  say(state, {
    live: "Live",
    reconnecting: "Connection lost, trying again" + (detail > 1 ? " in " + detail + " s" : ""),
    final: "Ended",
    gone: "Not live: " + detail,
  }[state]);
  if (live) refresh();
}

function say(state, text) {
  if (connection.dataset.state === state && connection.textContent === text) return;
  connection.dataset.state = state;
  connection.textContent = text;
}

/** Has the page loaded again soon: one load at a time, and rests between them. */
function refresh() {
  if (document.hidden) return;
  if (loading) {
    again = true;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(load, Math.max(0, loaded + PACE - performance.now()));
}

async function load() {
  loading = true;
  again = false;
  loaded = performance.now();
  await parts.refresh();
  loading = false;
  if (document.hidden) return;
  if (again) refresh();
  else timer = setTimeout(load, live ? POLL : SLOW_POLL);
}

/* A browser has six connections for a site: only who is seen keeps a stream, and asks. */
function visible() {
  if (document.hidden) {
    stream.stop();
    clearTimeout(timer);
    live = false;
    say("paused", "Paused in the background");
  } else {
    stream.start();
    refresh();
  }
}
document.addEventListener("visibilitychange", visible);
addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
  visible();
});
addEventListener("pagehide", () => stream.stop());

function step(by) {
  const links = [...document.querySelectorAll(".builds .title")];
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at < 0 && by < 0 ? 0 : at + by))]?.focus();
}

shortcuts([
  ["j", "next build", () => step(1)],
  ["k", "previous build", () => step(-1)],
  ["/", "filter by key", () => form.querySelector("[data-first]").focus()],
  ["n", "older builds", () => document.querySelector("a[rel=next]")?.click()],
]);
