/* `#L120` and `#L120-L134` name lines of a log. */

/** The lines that a hash names, null if it names none. */
export function linesOf(hash) {
  const named = /^#L([1-9][0-9]{0,11})(?:-L?([1-9][0-9]{0,11}))?$/.exec(hash);
  if (!named) return null;
  const from = Number(named[1]);
  const to = named[2] ? Number(named[2]) : from;
  return {from: Math.min(from, to), to: Math.max(from, to)};
}

export function hashOf({from, to}) {
  return "#L" + from + (to > from ? "-L" + to : "");
}
