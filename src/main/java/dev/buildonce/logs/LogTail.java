package dev.buildonce.logs;

import java.util.Arrays;

/**
 * A live reader of one log. It pulls: nothing waits for it, and a reader that is far behind reads
 * from the database. For one thread at a time, but for {@code onChange}.
 */
public final class LogTail implements AutoCloseable {

  private final LogId id;
  private final LiveLogs live;
  private final LogReader reader;
  private final Runnable onChange;
  private final LiveLog log;
  private long next;
  private long nextLine = 1;

  LogTail(LogId id, LiveLogs live, LogReader reader, Runnable onChange) {
    this.id = id;
    this.live = live;
    this.reader = reader;
    this.onChange = onChange;
    this.log = live.watch(id.value(), this);
  }

  /** Which log. */
  public LogId id() {
    return id;
  }

  /** How many bytes of the log are known to be committed, dropped ones included. */
  public long length() {
    return log.known().length();
  }

  /** Whether the log will not get longer than {@link #length}. */
  public boolean closed() {
    return log.known().closed();
  }

  /**
   * What the log has at an offset.
   *
   * @param offset 0 or more
   * @param max how many bytes at most, 1 or more; there may be fewer although more are there
   * @throws LogRemoved if the log was removed
   * @throws RuntimeException of Spring's data access if the database failed: try again later
   */
  public Piece read(long offset, int max) {
    LiveLog.Known known = log.known();
    if (known.removed()) {
      throw new LogRemoved();
    }
    if (offset >= known.length()) {
      return Piece.Nothing.HERE;
    }
    Stretch stretch = reader.stretch(log, offset);
    byte[] bytes = stretch.bytes();
    return bytes == null ? dropped(stretch, offset) : kept(stretch, bytes, offset, max, known);
  }

  /** Ends the watch. */
  @Override
  public void close() {
    live.unwatch(id.value(), this);
  }

  void wake() {
    onChange.run();
  }

  LiveLog log() {
    return log;
  }

  private Piece kept(Stretch stretch, byte[] bytes, long offset, int max, LiveLog.Known known) {
    int from = (int) (offset - stretch.from());
    long end = Math.min(Math.min(stretch.to(), known.length()), offset + max);
    int to = (int) (end - stretch.from());
    long line =
        offset == next && next > 0 ? nextLine : stretch.line() + Newlines.count(bytes, 0, from);
    next = end;
    nextLine = line + Newlines.count(bytes, from, to);
    if (bytes.length > max) {
      // A reader that is stuck with a piece shall not keep the whole stretch alive.
      return new Piece.Kept(
          offset, line, Arrays.copyOfRange(bytes, from, to), 0, to - from, stretch.arrivals());
    }
    return new Piece.Kept(offset, line, bytes, from, to, stretch.arrivals());
  }

  /**
   * A reader that had got some way into what was dropped meanwhile is told of the rest; one that
   * starts within it is told of the whole stretch.
   */
  private Piece dropped(Stretch stretch, long offset) {
    boolean knowsLine = offset == next && next > stretch.from();
    long from = knowsLine ? offset : stretch.from();
    long line = knowsLine ? nextLine : stretch.line();
    next = stretch.to();
    nextLine = stretch.line() + stretch.newlines();
    return new Piece.Dropped(from, line, next, nextLine - line);
  }
}
