/* Draws beside the scroll bar where in the log there is what: hits of a search, the first error, marked lines. */

export class Marks {
  #canvas;
  #drawn = "";

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param what total lines, hits by parts of them, the line of the first error, marked lines, width of the bar */
  show({total, buckets, error, marked, bar}) {
    const canvas = this.#canvas;
    const {clientWidth: width, clientHeight: height} = canvas;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const state = [total, buckets, error, marked?.from, marked?.to, bar, width, height, dark].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    canvas.style.right = bar + "px";
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const colors = getComputedStyle(canvas);
    const draw = (part, span, color, thick) => {
      pen.fillStyle = colors.getPropertyValue(color);
      pen.fillRect(0, Math.min(height - thick, part * height), width, Math.max(thick, span * height));
    };
    if (marked && total > 0) draw((marked.from - 1) / total, (marked.to - marked.from + 1) / total, "--link", 3);
    buckets.forEach((count, part) => {
      if (count > 0) draw(part / buckets.length, 0, "--mark-edge", 2);
    });
    if (error && total > 0) draw((error - 1) / total, 0, "--failed", 3);
  }
}
