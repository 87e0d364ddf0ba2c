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
     * @param bytes has whole lines from {@code from} to before {@code to}; only the log's last may
     *     lack its end
     */
    void take(long line, byte[] bytes, int from, int to);
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
      take(stretch.line(), bytes, 0, (int) Math.min(bytes.length, to - stretch.from()));
      next = Math.min(stretch.to(), to);
    }
    return true;
  }

  /**
   * Takes what is stored or will be instead of reading it, if it is what comes next.
   *
   * @param stored not used once this returns
   */
  public void offer(Piece.Kept stored) {
    if (next < stored.offset() || next >= Math.min(stored.end(), to)) {
      return;
    }
    byte[] bytes = stored.array();
    int from = stored.from() + (int) (next - stored.offset());
    int length = (int) (Math.min(stored.end(), to) - next);
    scan = null;
    take(stored.line() + Newlines.count(bytes, stored.from(), from), bytes, from, from + length);
    next += length;
  }

  private void take(long first, byte[] bytes, int from, int to) {
    int at = from;
    if (waiting.length() == 0) {
      line = first;
    } else {
      // Only the line that waits for its end is put together: most of what comes is never copied.
      int most = Math.min(to, at + LONGEST_LINE - waiting.length());
      int end = Newlines.next(bytes, at, most);
      waiting.append(bytes, at, end < 0 ? most : end + 1);
      if (end < 0 && waiting.length() < LONGEST_LINE) {
        return;
      }
      finish();
      at = end < 0 ? most : end + 1;
      line = first + (end < 0 ? 0 : 1);
    }
    while (at < to) {
      int most = Math.min(to, at + LONGEST_LINE);
      int behind = most;
      while (behind > at && bytes[behind - 1] != '\n') {
        behind--;
      }
      if (behind == at) {
        if (most - at < LONGEST_LINE) {
          break;
        }
        behind = most;
      }
      taker.take(line, bytes, at, behind);
      line += Newlines.count(bytes, at, behind);
      at = behind;
    }
    waiting.append(bytes, at, to);
  }

  /** Gives what waits for the end of its line; there is none to come. */
  public void finish() {
    byte[] rest = waiting.takeAll();
    if (rest.length > 0) {
      taker.take(line, rest, 0, rest.length);
    }
  }
}
