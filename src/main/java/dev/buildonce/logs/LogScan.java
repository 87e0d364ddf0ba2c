package dev.buildonce.logs;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is stored of one log stretch by stretch, without a trace in the memory of those who
 * watch it. For one thread; it holds no connection between two calls.
 */
final class LogScan {

  /** How much one look into the database brings, about. */
  private static final int LOAD = 2 * 1024 * 1024;

  private static final int FIRST_LOAD = 256 * 1024;

  private final LogReader reader;
  private final long log;
  private final long end;
  private final ArrayDeque<Chunk> loaded = new ArrayDeque<>();
  private long next;
  private int load = FIRST_LOAD;

  /**
   * A scan of what is stored now.
   *
   * @param from where it begins
   */
  LogScan(LogReader reader, LogInfo info, long from) {
    this(reader, info.id().value(), info.bytes(), from);
  }

  /** A scan of what is stored up to an offset, and of what its chunk has behind that. */
  LogScan(LogReader reader, long log, long end, long from) {
    this.reader = reader;
    this.log = log;
    this.end = end;
    this.next = from;
  }

  /**
   * The stretch behind the last one; null at the end.
   *
   * @throws LogRemoved if the log was removed meanwhile
   */
  @Nullable Stretch next() {
    if (next >= end) {
      return null;
    }
    if (loaded.isEmpty()) {
      loaded.addAll(reader.chunks(log, next, load));
      load = LOAD;
    }
    Chunk chunk = loaded.poll();
    if (chunk == null || chunk.firstByte() > next || chunk.end() <= next) {
      throw new LogRemoved();
    }
    Stretch stretch = chunk.stretch().from(next);
    next = stretch.to();
    return stretch;
  }

  /**
   * Goes to the stretch in which the line before this one ends: the line begins in it or right
   * behind it, if there is such a line.
   *
   * @return null for the first line; then it is at the start of the log
   */
  @Nullable Stretch withEndBefore(long line) {
    loaded.clear();
    Chunk chunk = reader.before(log, line);
    if (chunk == null) {
      next = 0;
      return null;
    }
    next = chunk.end();
    return chunk.stretch();
  }
}
