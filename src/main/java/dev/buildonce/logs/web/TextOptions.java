package dev.buildonce.logs.web;

import org.jspecify.annotations.Nullable;

/**
 * What part of a log is answered as text.
 *
 * @param follow whether to go on while the attempt runs; else it stops at what is stored
 * @param offset the first byte, 0 or more
 * @param tail if not null, the answer starts with that many last lines instead, 0 or more
 * @param timestamps whether each line begins with when it came
 */
public record TextOptions(boolean follow, long offset, @Nullable Long tail, boolean timestamps) {

  /** Everything, followed. */
  public static final TextOptions ALL = new TextOptions(true, 0, null, false);

  /** Refuses what is negative; whoever reads the request says so in its own words. */
  public TextOptions {
    if (offset < 0 || tail != null && tail < 0) {
      throw new IllegalArgumentException("Neither offset nor tail can be negative");
    }
  }

  /** Whether the answer is the log as it is, or as far as it is. */
  boolean isWhole() {
    return offset == 0 && tail == null && !timestamps;
  }
}
