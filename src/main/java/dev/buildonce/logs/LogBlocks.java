package dev.buildonce.logs;

import org.jspecify.annotations.Nullable;

/**
 * Reads what is stored of a log in blocks of whole lines, and goes on where it stopped once more is
 * stored. For one thread; it holds no connection between two calls, and no more than a line of a
 * mebibyte: a longer one comes in parts.
 */
public final class LogBlocks {

  private static final int LONGEST_LINE = 1024 * 1024;

  /** How much is read behind a stretch that was dropped: the end of what is left. */
  private static final long AFTER_DROPPED = 64L * 1024 * 1024;

  /** Takes a block. */
  public interface Taker {
    /**
     * Takes it.
     *
     * @param line the number of the first line in it
     * @param bytes whole lines, up to {@code length}; only the log's last may lack its end
     */
    void take(long line, byte[] bytes, int length);
  }

  private final LogReader reader;
  private final long log;
  private final long to;
  private final Taker taker;
  private final Bytes waiting = new Bytes();
  private long line = 1; // of what waits
  private volatile long next;
  private long end;
  private @Nullable LogScan scan;

  LogBlocks(LogReader reader, LogId log, long from, long to, Taker taker) {
    this.reader = reader;
    this.log = log.value();
    this.next = from;
    this.to = to;
    this.taker = taker;
  }

  /** The offset behind what was read. */
  public long position() {
    return next;
  }

  /**
   * Reads a little, and gives the whole lines in it.
   *
   * @param stored how long the log is known to be
   * @return false if it had read all of that
   * @throws LogRemoved if the log was removed meanwhile
   * @throws RuntimeException of Spring's data access if the database failed: try again
   */
  public boolean step(long stored) {
    Stretch stretch = scan == null ? null : scan.next();
    if (stretch == null) {
      end = Math.min(stored, to);
      if (next >= end) {
        scan = null;
        return false;
      }
      scan = new LogScan(reader, log, end, next);
      stretch = scan.next();
    }
    if (stretch == null) {
      return false;
    }
    byte[] bytes = stretch.bytes();
    if (bytes == null) {
      finish();
      next = Math.max(stretch.to(), Math.min(stored, to) - AFTER_DROPPED);
      scan = null;
    } else {
      take(stretch, bytes, (int) Math.min(bytes.length, to - stretch.from()));
      next = Math.min(stretch.to(), to);
    }
    return true;
  }

  private void take(Stretch stretch, byte[] bytes, int length) {
    if (waiting.length() == 0) {
      line = stretch.line();
    }
    int whole = length;
    while (whole > 0 && bytes[whole - 1] != '\n') {
      whole--;
    }
    if (whole == 0 && waiting.length() + length < LONGEST_LINE) {
      waiting.append(bytes, 0, length);
      return;
    }
    int given = whole == 0 ? length : whole;
    if (waiting.length() == 0) {
      taker.take(line, bytes, given);
    } else {
      waiting.append(bytes, 0, given);
      finish();
    }
    line = stretch.line() + Newlines.count(bytes, 0, given);
    waiting.append(bytes, given, length);
  }

  /** Gives what waits for the end of its line; there is none to come. */
  public void finish() {
    byte[] rest = waiting.takeAll();
    if (rest.length > 0) {
      taker.take(line, rest, rest.length);
    }
  }
}
