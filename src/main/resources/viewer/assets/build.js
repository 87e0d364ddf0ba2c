import * as copy from "./copy.js";
import {shortcuts} from "./keys.js";
import {LogPage} from "./log-page.js";
import {Parts} from "./parts.js";
import {keepTimes} from "./times.js";

const POLL = 5_000; // while an attempt is under way: who else waits, what it waits for
const HIDDEN_POLL = 10_000; // while nobody looks

const showTimes = keepTimes();
copy.copyButtons();

const parts = new Parts((page) => {
  copy.show(document);
  showTimes();
  const logNow = page.getElementById("log");
  if (log) log.underWay(logNow);
  else if (logNow) location.reload(); // the first attempt since a delete, or since a log was removed
});

const box = document.getElementById("log");
const log = box ? new LogPage(box, () => parts.refresh()) : null;
log?.open();

shortcuts([
  ...(log ? log.keys : []),
  ["a", "actions", () => document.querySelector(".actions summary")?.focus()],
]);

let lastRefresh = performance.now();
setInterval(() => {
  const due = document.hidden ? HIDDEN_POLL : POLL;
  if ((log && !log.live && !parts.isBehind) || performance.now() - lastRefresh < due) return;
  lastRefresh = performance.now();
  parts.refresh();
}, 1000);

addEventListener("visibilitychange", () => {
  if (!document.hidden) parts.refresh();
});
