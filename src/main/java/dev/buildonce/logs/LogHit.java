package dev.buildonce.logs;

/**
 * A line of a log in which something was found.
 *
 * @param line its number, from 1
 * @param offset of its first byte in the log
 * @param bytes without the line end, at most {@link LogLine#LONGEST}
 * @param spans where, as starts and ends in {@code bytes} by turns; the first {@link #MOST_SPANS}
 * @param millis when the line came, since 1970; -1 if nothing is known
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
public record LogHit(long line, long offset, byte[] bytes, int[] spans, long millis) {

  /** How many places of a line are named. */
  public static final int MOST_SPANS = 100;
}
