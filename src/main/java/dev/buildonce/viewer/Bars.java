package dev.buildonce.viewer;

import java.util.List;
import java.util.Locale;

/**
 * The bars of a small chart, stretched to whatever room there is: each a slot of 10 wide, 100 high.
 */
final class Bars {
  /** What is there at all can be seen. */
  private static final double LEAST = 2;

  private static final int SLOT = 10;
  private static final int GAP = 1;

  private Bars() {}

  /**
   * Bars of one colour, as the path of an SVG.
   *
   * @param name of the colour
   * @param path of all of them
   */
  record Layer(String name, String path) {}

  /** A part of a slot's height, both from 0, the ground, to 1. */
  record Bar(double from, double to) {
    static final Bar NONE = new Bar(0, 0);

    static Bar upTo(double to) {
      return new Bar(0, to);
    }
  }

  static int width(int slots) {
    return slots * SLOT;
  }

  /** One bar for each slot, or none where it has no height. */
  static Layer layer(String name, List<Bar> bars) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      if (bar.to() > bar.from()) {
        double height = Math.max(LEAST, 100 * (bar.to() - bar.from()));
        // What hangs from the top hangs from there, too, when it was made high enough to be seen.
        double top = bar.to() >= 1 ? 0 : Math.max(0, 100 * (1 - bar.from()) - height);
        path.append(
            String.format(
                Locale.ROOT,
                "M%d %.1fh%dv%.1fh-%dz",
                i * SLOT + GAP,
                top,
                SLOT - 2 * GAP,
                height,
                SLOT - 2 * GAP));
      }
    }
    return new Layer(name, path.toString());
  }
}
