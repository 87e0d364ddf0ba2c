/* Which lines of a log have a row: all but those in closed folds and those that were not kept. */

export class RowMap {
  #total = 0;
  /** Hidden stretches in order, each with how many lines are hidden before it. */
  #hidden = [];
  #count = 0;

  /**
   * @param total how many lines there are
   * @param ranges of hidden lines, {from, to}, in any order; they may overlap
   */
  set(total, ranges) {
    this.#total = total;
    this.#hidden = [];
    let before = 0;
    for (const {from, to} of [...ranges].sort((a, b) => a.from - b.from)) {
      const last = this.#hidden.at(-1);
      const start = last ? Math.max(from, last.to + 1) : from;
      const end = Math.min(to, total);
      if (start > end) continue;
      this.#hidden.push({from: start, to: end, before});
      before += end - start + 1;
    }
    this.#count = total - before;
  }

  /** The end of the hidden stretch that a line is in; null if it is in none. */
  hiddenUntil(line) {
    const stretch = this.#hidden[this.#upTo(line) - 1];
    return stretch && line <= stretch.to ? stretch.to : null;
  }

  /** How many stretches begin at a line or before it. */
  #upTo(line) {
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#hidden[middle].from <= line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many rows there are. */
  get count() {
    return this.#count;
  }

  /** The line of a row, which are counted from 0. */
  lineOf(row) {
    let low = 0;
    let high = this.#hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const {from, before} = this.#hidden[middle];
      if (from - 1 - before <= row) low = middle + 1;
      else high = middle;
    }
    const last = this.#hidden[low - 1];
    return row + 1 + (last ? last.before + last.to - last.from + 1 : 0);
  }

  /** The row of a line; of one that is hidden, the row before its stretch. */
  rowOf(line) {
    const last = this.#hidden[this.#upTo(line) - 1];
    if (!last) return line - 1;
    if (line <= last.to) return Math.max(0, last.from - 2 - last.before);
    return line - 1 - last.before - (last.to - last.from + 1);
  }
}
