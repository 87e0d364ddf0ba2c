package dev.buildonce.logs;

import java.io.IOException;
import java.io.OutputStream;

/** What a log has at an offset. */
public sealed interface Piece {

  /** Nothing yet: the offset is where the log ends at this moment. */
  record Nothing() implements Piece {
    static final Nothing HERE = new Nothing();
  }

  /**
   * Bytes of the log; the array is shared and must not be changed.
   *
   * @param offset of the first one in the log
   * @param line number of the line that byte is in, from 1
   * @param array holds them
   * @param from where they begin in the array
   * @param to where they end in the array
   * @param arrivals when they came
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
  record Kept(long offset, long line, byte[] array, int from, int to, Arrivals arrivals)
      implements Piece {

    /** How many. */
    public int length() {
      return to - from;
    }

    /** The offset behind the last one. */
    public long end() {
      return offset + length();
    }

    /** The last one. */
    public byte last() {
      return array[to - 1];
    }

    /** Writes them. */
    public void writeTo(OutputStream out) throws IOException {
      out.write(array, from, length());
    }
  }

  /**
   * Bytes that were not kept, over the log's limit.
   *
   * @param offset of the first one
   * @param line number of the line that byte is in, from 1
   * @param end the offset behind the last one
   * @param newlines how many newlines were among them
   */
  record Dropped(long offset, long line, long end, long newlines) implements Piece {

    /** How many. */
    public long bytes() {
      return end - offset;
    }
  }
}
