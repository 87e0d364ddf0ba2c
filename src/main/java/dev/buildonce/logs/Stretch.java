package dev.buildonce.logs;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Part of a log in memory, longer or shorter than a chunk.
 *
 * @param from offset of its first byte
 * @param line number of the line that byte is in
 * @param to the offset behind its last byte
 * @param newlines how many newlines are in it
 * @param bytes null if it was dropped
 * @param arrivals when its bytes came
 */
record Stretch(
    long from, long line, long to, long newlines, byte @Nullable [] bytes, Arrivals arrivals) {

  /** Bytes that were kept. */
  Stretch(long from, long line, byte[] bytes, Arrivals arrivals) {
    this(from, line, from + bytes.length, Newlines.count(bytes, 0, bytes.length), bytes, arrivals);
  }

  /** What is left of it from an offset on; one that was dropped stays whole. */
  Stretch from(long offset) {
    if (bytes == null || offset <= from) {
      return this;
    }
    int skipped = (int) (offset - from);
    long before = Newlines.count(bytes, 0, skipped);
    byte[] rest = Arrays.copyOfRange(bytes, skipped, bytes.length);
    return new Stretch(offset, line + before, to, newlines - before, rest, arrivals);
  }

  boolean contains(long offset) {
    return from <= offset && offset < to;
  }
}
