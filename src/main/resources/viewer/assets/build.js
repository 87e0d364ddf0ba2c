import * as copy from "./copy.js";
import {EventStream} from "./event-stream.js";
import {shortcuts} from "./keys.js";
import {LIMIT, LogView} from "./log-view.js";
import {Parts} from "./parts.js";
import {hashOf, linesOf} from "./permalink.js";
import {keepTimes} from "./times.js";

const POLL = 10_000; // while nobody looks
const WRAP = "buildonce.wrap";

const showTimes = keepTimes();
copy.copyButtons();

const parts = new Parts((page) => {
  copy.show(document);
  showTimes();
  log?.underWay(page.getElementById("log")?.dataset.live !== undefined);
});

const box = document.getElementById("log");
const log = box ? followed(box) : null;

shortcuts([
  ...(log ? log.keys : []),
  ["a", "actions", () => document.querySelector(".actions summary")?.focus()],
]);

addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  parts.refresh();
});

/** Brings the log to life. */
function followed(box) {
  const connection = document.getElementById("connection");
  const followButton = document.querySelector("[data-follow]");
  const wrapButton = document.querySelector("[data-wrap]");
  const all = box.querySelector("[data-all]");
  const view = new LogView(box, document.querySelector(".more"), Number(box.dataset.until));
  let attempt = Number(box.dataset.position.split(":")[0]);
  let told = "";
  let final = false;
  let wanted = linesOf(location.hash);
  let poll = 0;

  box.querySelector(".noscript")?.remove();

  let stream = new EventStream(box.dataset.stream, box.dataset.position, onEvent, onState);

  function onEvent(name, data, id) {
    const number = id ? Number(id.split(":")[0]) : data.number;
    if (number > attempt) {
      attempt = number;
      view.reset();
      const heading = document.querySelector("[data-attempt]");
      if (heading) heading.textContent = number;
    }
    if (name === "log") {
      const end = Number(id.split(":")[1]);
      view.write(data.line, data.text, end);
      if (box.dataset.live !== undefined) showSize(view.last, end);
      if (wanted) requestAnimationFrame(goToWanted);
      return;
    }
    const state = [data.number, data.status, data.pendingReason, data.startedAt, data.next].join();
    if (name === "end") view.finish();
    if (name === "end" || (told !== "" && told !== state)) parts.refresh();
    told = state;
  }

  function showSize(lines, bytes) {
    const size = bytes < 1e3 ? bytes + " bytes" : bytes < 1e6 ? (bytes / 1e3).toFixed(1) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
    document.getElementById("part-size").textContent = lines.toLocaleString("en") + (lines === 1 ? " line, " : " lines, ") + size;
  }

  function onState(state, detail) {
    final = state === "final" || state === "gone";
    if (final) view.finish();
    followButton.hidden = final;
    say(state, {
      live: "Live",
      reconnecting: "Connection lost, trying again" + (detail > 1 ? " in " + detail + " s" : ""),
      final: "Ended",
      gone: "No longer there: " + detail,
    }[state]);
    if (final && wanted) requestAnimationFrame(() => goToWanted(true));
  }

  function say(state, text) {
    if (connection.dataset.state === state && connection.textContent === text) return;
    connection.dataset.state = state;
    connection.textContent = text;
  }

  /* A stream takes one of the few connections that a browser has for a site: only who is seen keeps one. */
  function visible() {
    clearInterval(poll);
    if (final) return;
    if (document.hidden) {
      stream.stop();
      say("paused", "Paused in the background");
      poll = setInterval(() => parts.refresh(), POLL);
    } else {
      stream.start();
    }
  }
  document.addEventListener("visibilitychange", visible);

  function goToWanted(last = false) {
    if (!wanted) return;
    if (view.mark(wanted.from, wanted.to)) wanted = null;
    else if (last) before();
  }

  /** The line is before those that are here: bring them if that is not too much. */
  function before() {
    const first = view.first;
    if (first !== null && wanted.from < first && first - 1 <= LIMIT) fromStart();
    else {
      say("final", "Line " + wanted.from + (first !== null && wanted.from < first
        ? " is in the raw log" : " is not in this log"));
      wanted = null;
    }
  }

  function fromStart() {
    stream.stop();
    view.reset();
    view.unfollow();
    final = false;
    stream = new EventStream(box.dataset.stream, attempt + ":0", onEvent, onState);
    stream.start();
  }

  function followIt() {
    if (!final) stream.start();
    view.follow();
  }

  view.onFollow = (following) => {
    followButton.ariaPressed = String(following);
    if (following && !final && !document.hidden) stream.start();
  };
  view.onFull = () => {
    if (final) return;
    stream.stop();
    say("paused", "Paused while you read; follow to go on");
  };

  followButton.hidden = box.dataset.live === undefined;
  followButton.ariaPressed = "true";
  followButton.addEventListener("click", () => (view.following ? view.unfollow() : followIt()));

  function wrap(on) {
    box.classList.toggle("wrapped", on);
    wrapButton.ariaPressed = String(on);
    localStorage.setItem(WRAP, on ? "on" : "off");
  }
  wrapButton.hidden = false;
  wrapButton.addEventListener("click", () => wrap(!box.classList.contains("wrapped")));
  wrap(localStorage.getItem(WRAP) === "on");

  const first = box.querySelector(".line .n");
  if (first && Number(first.dataset.n) - 1 <= LIMIT) {
    all.hidden = false;
    all.addEventListener("click", () => {
      all.hidden = true;
      wanted = {from: 1, to: 1};
      fromStart();
    });
  }

  box.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.n");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const clicked = Number(link.dataset.n);
    const known = linesOf(location.hash);
    const chosen = event.shiftKey && known
      ? {from: Math.min(known.from, clicked), to: Math.max(known.from, clicked)}
      : {from: clicked, to: clicked};
    history.replaceState(null, "", hashOf(chosen));
    for (const row of box.querySelectorAll(".hit")) row.classList.remove("hit");
    const top = box.scrollTop;
    view.mark(chosen.from, chosen.to);
    box.scrollTop = top;
  });
  addEventListener("hashchange", () => {
    wanted = linesOf(location.hash);
    if (wanted) goToWanted(true);
    else view.unmark();
  });

  if (wanted) view.unfollow();
  else box.scrollTop = box.scrollHeight;
  visible();

  return {
    /** The page says whether an attempt is under way: if so, a log that had ended goes on. */
    underWay(live) {
      if (!live) clearInterval(poll);
      if (!live || !final) return;
      final = false;
      visible();
    },
    keys: [
      ["f", "follow the log, or stop", () => (view.following ? view.unfollow() : followIt())],
      ["g", "start of the log", () => { view.unfollow(); box.scrollTop = 0; }],
      ["G", "end of the log", followIt],
      ["w", "wrap long lines", () => wrap(!box.classList.contains("wrapped"))],
      ["l", "go to the log", () => box.focus()],
    ],
  };
}
