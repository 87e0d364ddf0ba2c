/*
 * Reads a log as a terminal does, as far as one line: colours, links (OSC 8), and what is written over (\r, \b,
 * tabs as they are, erasing in the line). What moves over lines is left out. Text goes in as it comes, cut anywhere.
 */

const ESC = "\x1b";
const LONGEST = 20_000; // characters of a line that are shown
const NONE = Object.freeze({});

/** What a link may lead to; everything else stays text. */
const LINKS = /^(?:https?:\/\/|mailto:)[^\s\x00-\x1f\x7f]{1,2000}$/i;
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\x00-\x1f\x7f]{3,2000}/g;

/** The first 16 of the 256 colours; a page has its own for text and takes these for grounds. */
const BASIC = [
  "#000000", "#c01c28", "#26a269", "#a2734c", "#12488b", "#a347ba", "#2aa1b3", "#d0cfcc",
  "#5e5c64", "#f66151", "#33d17a", "#e9ad0c", "#2a7bde", "#c061cb", "#33c7de", "#ffffff",
];

export class AnsiParser {
  #rest = "";
  #style = NONE;
  #chars = [];
  #styles = [];
  #at = 0;
  #cut = false;

  /** @param style the style in which the text begins, that of another parser's end */
  constructor(style = NONE) {
    this.#style = style;
  }

  /** The style in which text would go on. */
  get style() {
    return this.#style;
  }

  /** One whole line, which begins in the style in which the one before it ended. */
  line(text) {
    const {done} = this.write(text + "\n");
    return done[0] ?? [];
  }

  /**
   * Takes more of the log.
   *
   * @returns {{done: Array<Array<{text: string, style: object}>>, open: ?Array}} the lines that ended, and the
   *     one that goes on, null if it is empty
   */
  write(text) {
    const input = this.#rest + text;
    this.#rest = "";
    const done = [];
    let i = 0;
    while (i < input.length) {
      const char = input[i];
      if (char === "\n") {
        done.push(this.#runs());
        this.#clear();
        i++;
      } else if (char === ESC) {
        const end = this.#escape(input, i);
        if (end < 0) {
          this.#rest = input.slice(i);
          break;
        }
        i = end;
      } else if (char === "\r") {
        this.#at = 0;
        i++;
      } else if (char === "\b") {
        this.#at = Math.max(0, this.#at - 1);
        i++;
      } else {
        const point = input.codePointAt(i);
        const width = point > 0xffff ? 2 : 1;
        if (width === 1 && i + 1 === input.length && point >= 0xd800 && point < 0xdc00) {
          this.#rest = char; // half of a character
          break;
        }
        if (point >= 32 ? point !== 127 && !(point >= 128 && point < 160) : char === "\t") {
          this.#put(input.slice(i, i + width));
        }
        i += width;
      }
    }
    return {done, open: this.#chars.length > 0 ? this.#runs() : null};
  }

  /** Forgets the line under way and all colours. */
  reset() {
    this.#rest = "";
    this.#style = NONE;
    this.#clear();
  }

  #clear() {
    this.#chars = [];
    this.#styles = [];
    this.#at = 0;
    this.#cut = false;
  }

  #put(char) {
    if (this.#at >= LONGEST) {
      this.#cut = true;
      return;
    }
    this.#chars[this.#at] = char;
    this.#styles[this.#at] = this.#style;
    this.#at++;
  }

  #runs() {
    const runs = [];
    let text = "";
    let style = this.#styles[0] ?? NONE;
    for (let i = 0; i < this.#chars.length; i++) {
      if (this.#styles[i] !== style) {
        if (text) runs.push({text, style});
        text = "";
        style = this.#styles[i];
      }
      text += this.#chars[i];
    }
    if (text) runs.push({text, style});
    if (this.#cut) runs.push({text: " … the line goes on in the raw log", style: {cut: true}});
    return runs;
  }

  /** Reads what begins with ESC; the index behind it, or -1 if it has not come whole. */
  #escape(input, start) {
    const kind = input[start + 1];
    if (kind === undefined) return -1;
    if (kind === "[") {
      let end = start + 2;
      while (end < input.length && input[end] >= " " && input[end] <= "?") end++;
      if (end === input.length) return end - start > 100 ? end : -1;
      if (input[end] < "@" || input[end] > "~") return end; // broken off
      this.#control(input[end], input.slice(start + 2, end));
      return end + 1;
    }
    if ("]PX^_".includes(kind)) {
      for (let end = start + 2; end < input.length; end++) {
        if (input[end] === "\x07") {
          if (kind === "]") this.#command(input.slice(start + 2, end));
          return end + 1;
        }
        if (input[end] === ESC) {
          if (end + 1 === input.length) return -1;
          if (input[end + 1] !== "\\") return end;
          if (kind === "]") this.#command(input.slice(start + 2, end));
          return end + 2;
        }
        if (input[end] === "\n") return end; // never ended
      }
      return input.length - start > 4096 ? input.length : -1;
    }
    let end = start + 1;
    while (end < input.length && input[end] >= " " && input[end] <= "/") end++;
    if (end === input.length) return -1;
    return input[end] >= "0" && input[end] <= "~" ? end + 1 : end;
  }

  /** A link begins or ends: `8;parameters;address`. */
  #command(text) {
    const link = /^8;[^;]*;(.*)$/.exec(text);
    if (!link) return;
    const {href, ...style} = this.#style;
    if (LINKS.test(link[1])) style.href = link[1];
    this.#style = interned(style);
  }

  #control(final, params) {
    const first = Number.parseInt(params, 10);
    const count = Number.isNaN(first) ? 1 : Math.max(1, first);
    switch (final) {
      case "m":
        this.#style = styled(this.#style, params);
        break;
      case "K":
        this.#erase(Number.isNaN(first) ? 0 : first);
        break;
      case "C":
        this.#move(this.#at + count);
        break;
      case "D":
        this.#at = Math.max(0, this.#at - count);
        break;
      case "G":
        this.#move(count - 1);
        break;
    }
  }

  #move(to) {
    this.#at = Math.min(to, LONGEST);
    for (let i = this.#chars.length; i < this.#at; i++) {
      this.#chars[i] = " ";
      this.#styles[i] = NONE;
    }
  }

  #erase(what) {
    if (what === 0) {
      this.#chars.length = Math.min(this.#chars.length, this.#at);
      this.#styles.length = this.#chars.length;
    } else if (what === 2) {
      this.#chars = [];
      this.#styles = [];
      this.#move(this.#at);
    } else {
      for (let i = 0; i <= this.#at && i < this.#chars.length; i++) {
        this.#chars[i] = " ";
        this.#styles[i] = NONE;
      }
    }
  }
}

const known = new Map();

/** One object for each style, so that runs are found by identity. */
function interned(style) {
  const name = JSON.stringify(style, Object.keys(style).sort());
  if (name === "{}") return NONE;
  if (!known.has(name)) {
    if (known.size > 5000) known.clear();
    known.set(name, Object.freeze(style));
  }
  return known.get(name);
}

/** A style after the parameters of a `m`. A colour is 0 to 15 or `#rrggbb`. */
export function styled(before, params) {
  const style = {...before};
  const codes = params.split(/[;:]/).map((code) => (code === "" ? 0 : Number.parseInt(code, 10)));
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) for (const name of Object.keys(style)) name === "href" || delete style[name];
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 3) style.italic = true;
    else if (code === 4 || code === 21) style.underline = true;
    else if (code === 7) style.inverse = true;
    else if (code === 9) style.strike = true;
    else if (code === 22) { delete style.bold; delete style.dim; }
    else if (code === 23) delete style.italic;
    else if (code === 24) delete style.underline;
    else if (code === 27) delete style.inverse;
    else if (code === 29) delete style.strike;
    else if (code >= 30 && code <= 37) style.fg = code - 30;
    else if (code >= 90 && code <= 97) style.fg = code - 90 + 8;
    else if (code === 39) delete style.fg;
    else if (code >= 40 && code <= 47) style.bg = code - 40;
    else if (code >= 100 && code <= 107) style.bg = code - 100 + 8;
    else if (code === 49) delete style.bg;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes, i + 1);
      if (color !== null) style[code === 38 ? "fg" : "bg"] = color;
      i += used;
    }
  }
  return interned(style);
}

/** The colour behind a 38 or 48, and how many codes it took. */
function extended(codes, at) {
  if (codes[at] === 5) return [indexed(codes[at + 1]), 2];
  if (codes[at] === 2) {
    const parts = codes.slice(at + 1, at + 4);
    const fits = parts.length === 3 && parts.every((part) => part >= 0 && part <= 255);
    return [fits ? hex(...parts) : null, 4];
  }
  return [null, 1];
}

function indexed(index) {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) return hex(...Array(3).fill(8 + (index - 232) * 10));
  const level = (step) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function hex(...parts) {
  return "#" + parts.map((part) => part.toString(16).padStart(2, "0")).join("");
}

/** The text of runs, without how it looks. */
export function textOf(runs) {
  return runs.map((run) => run.text).join("");
}

/**
 * Runs as nodes: text is only ever text, and an address leads nowhere but to the web.
 *
 * @param runs of one line
 * @param marks places of its text to be marked, [start, end] in order
 */
export function nodes(runs, marks = []) {
  const text = textOf(runs);
  const links = [...text.matchAll(ADDRESS)].map((found) => {
    const href = tidied(found[0]);
    return {start: found.index, end: found.index + href.length, href};
  });
  const made = [];
  let at = 0;
  for (const run of runs) {
    const end = at + run.text.length;
    const href = run.style.href;
    for (const [from, to, link] of href ? [[at, end, {href}]] : pieces(at, end, links)) {
      made.push(linked(marked(text, from, to, run.style, marks), link));
    }
    at = end;
  }
  return made.flat();
}

/** An address without what is more likely the sentence's around it. */
function tidied(address) {
  let end = address.replace(/[.,;:!?*]+$/, "");
  while (/[)\]}]$/.test(end) && !/[([{]/.test(end)) end = end.slice(0, -1);
  return end;
}

/** A stretch, cut where one of the places in it begins or ends; each with its place, if it is in one. */
function pieces(from, to, places) {
  const cut = [];
  let at = from;
  for (const place of places) {
    if (place.end <= at || place.start >= to) continue;
    if (place.start > at) cut.push([at, place.start, null]);
    cut.push([Math.max(at, place.start), Math.min(to, place.end), place]);
    at = Math.min(to, place.end);
  }
  if (at < to) cut.push([at, to, null]);
  return cut;
}

function marked(text, from, to, style, marks) {
  const places = marks.map(([start, end]) => ({start, end}));
  return pieces(from, to, places).map(([start, end, mark]) => {
    const node = dressed(text.slice(start, end), style);
    if (!mark) return node;
    const shown = document.createElement("mark");
    shown.append(node);
    return shown;
  });
}

function linked(content, link) {
  if (!link) return content;
  const anchor = document.createElement("a");
  anchor.href = link.href;
  anchor.rel = "noopener noreferrer nofollow";
  anchor.target = "_blank";
  anchor.tabIndex = -1;
  anchor.append(...content);
  return [anchor];
}

function dressed(text, style) {
  if (style === NONE) return document.createTextNode(text);
  const span = document.createElement("span");
  span.textContent = text;
  dress(span, style);
  return span;
}

function dress(span, style) {
  if (style.cut) {
    span.className = "cut";
    return;
  }
  const classes = [];
  if (style.bold) classes.push("b");
  if (style.dim) classes.push("d");
  if (style.italic) classes.push("i");
  if (style.underline) classes.push("u");
  if (style.strike) classes.push("s");
  const ground = style.inverse ? style.fg : style.bg;
  const ink = style.inverse ? style.bg : style.fg;
  if (ground !== undefined) {
    const color = typeof ground === "number" ? BASIC[ground] : ground;
    classes.push("g");
    span.style.setProperty("--ground", color);
    span.style.setProperty("--ink", isLight(color) ? "#000" : "#fff");
  } else if (style.inverse) {
    classes.push("r");
  } else if (typeof ink === "number") {
    classes.push("f" + ink);
  } else if (ink !== undefined) {
    classes.push("fx");
    span.style.setProperty("--fx", ink);
  }
  span.className = classes.join(" ");
}

/** Whether black is read more easily on a colour than white (WCAG's relative luminance). */
function isLight(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}
