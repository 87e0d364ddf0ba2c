/* Times as people tell them: how long ago, how long by now. The exact one is the title. */

const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
const words = new Intl.RelativeTimeFormat("en", {numeric: "always", style: "short"});

/** How long ago, or in how long. */
export function relative(then, now) {
  let amount = (then - now) / 1000;
  if (Math.abs(amount) < 5) return "just now";
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return words.format(Math.round(amount), unit);
    amount /= size;
  }
  return "";
}

/** A duration as the server writes it. */
export function lasting(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min " + two(seconds % 60) + " s";
  if (seconds < 86400) return Math.floor(seconds / 3600) + " h " + two(Math.floor(seconds / 60) % 60) + " min";
  return Math.floor(seconds / 86400) + " d " + (Math.floor(seconds / 3600) % 24) + " h";
}

/** Keeps all times of the page as they should read now. */
export function keepTimes() {
  const server = Date.parse(document.documentElement.dataset.now ?? "");
  const skew = Number.isNaN(server) ? 0 : server - Date.now();
  const show = () => {
    const now = Date.now() + skew;
    for (const time of document.querySelectorAll("time[data-relative]")) {
      if (!time.title) time.title = time.textContent;
      set(time, relative(Date.parse(time.dateTime), now));
    }
    for (const since of document.querySelectorAll("[data-since]")) {
      set(since, lasting(now - Date.parse(since.dataset.since)));
    }
    for (const left of document.querySelectorAll("[data-left]")) {
      const millis = Date.parse(left.dataset.left) + Number(left.dataset.estimate) - now;
      left.hidden = false;
      set(left, millis > 0 ? ", about " + lasting(millis) + " left" : ", over it by " + lasting(-millis));
    }
    for (const bar of document.querySelectorAll("progress[data-started]")) {
      bar.hidden = false;
      bar.value = Math.min(bar.max * 0.98, now - Date.parse(bar.dataset.started));
    }
  };
  show();
  setInterval(show, 1000);
  return show;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
