package dev.buildonce.logs;

/** What stands in one place of a page of lines. */
public sealed interface LogLine {

  /**
   * A line, or the part of it that was kept.
   *
   * @param number of the line, from 1
   * @param offset of its first byte in the log
   * @param bytes without the line end, at most {@link #LONGEST}
   * @param cut whether the line is longer
   * @param millis when it came, since 1970; -1 if nothing is known
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
  record Kept(long number, long offset, byte[] bytes, boolean cut, long millis)
      implements LogLine {}

  /** Stands for all that was not kept. */
  record Dropped(Piece.Dropped piece) implements LogLine {}

  /** How many bytes of a line are shown: 64 KiB. */
  int LONGEST = 64 * 1024;
}
