package dev.buildonce.logs;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.QueryTimeoutException;

/**
 * Reads stretches of watched logs from memory, else from the database: one reader of a log at a
 * time, the others find what it loaded, and few logs at a time, so that viewers leave connections
 * to asks.
 */
final class LogReader {

  /** What one look into the database brings, about. */
  private static final int LOAD = 128 * 1024;

  private static final int LOADS_AT_A_TIME = 4;
  private static final long PATIENCE_SECONDS = 10;

  private final LiveLogs live;
  private final ChunkTable chunks;
  private final Semaphore places = new Semaphore(LOADS_AT_A_TIME);

  LogReader(LiveLogs live, ChunkTable chunks) {
    this.live = live;
    this.chunks = chunks;
  }

  /** The stretch that has this byte, which is committed. */
  Stretch stretch(LiveLog log, long offset) {
    Stretch recent = live.recent().find(log.id(), offset);
    return recent != null ? recent : alone(log, offset);
  }

  /** The chunk with this byte and those behind it, about {@code max} bytes in all. */
  List<Chunk> chunks(long log, long offset, int max) {
    return placed(() -> chunks.from(log, offset, max));
  }

  /** The chunk in which the line before this one ends; null for the first line. */
  @Nullable Chunk before(long log, long line) {
    return placed(() -> chunks.before(log, line)).orElse(null);
  }

  private <T> T placed(Supplier<T> read) {
    try {
      if (!places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new QueryTimeoutException("Too many readers wait for the database");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueryTimeoutException("Interrupted while waiting for the database", e);
    }
    try {
      return read.get();
    } finally {
      places.release();
    }
  }

  private Stretch alone(LiveLog log, long offset) {
    ReentrantLock loading = log.loading();
    boolean locked = false;
    boolean placed = false;
    try {
      locked = loading.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
      Stretch loaded = locked ? live.recent().find(log.id(), offset) : null;
      if (loaded != null) {
        return loaded;
      }
      placed = locked && places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!placed) {
        throw new QueryTimeoutException("Too many readers wait for the database");
      }
      return load(log, offset);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueryTimeoutException("Interrupted while waiting for the database", e);
    } finally {
      if (placed) {
        places.release();
      }
      if (locked) {
        loading.unlock();
      }
    }
  }

  private Stretch load(LiveLog log, long offset) {
    Stretch stretch = join(chunks.from(log.id(), offset, LOAD));
    if (stretch == null || !stretch.contains(offset)) {
      throw new LogRemoved();
    }
    if (stretch.bytes() != null) {
      live.recent().add(log.id(), stretch);
    }
    return stretch;
  }

  /** One stretch of the first chunk and those that follow it without a dropped one between. */
  private static @Nullable Stretch join(List<Chunk> found) {
    if (found.isEmpty()) {
      return null;
    }
    Chunk first = found.getFirst();
    if (first.codec() == Codec.DROPPED) {
      return new Stretch(
          first.firstByte(),
          first.firstLine(),
          first.end(),
          first.newlines(),
          null,
          Arrivals.UNKNOWN);
    }
    var bytes = new Bytes();
    var arrivals = Arrivals.UNKNOWN;
    for (Chunk chunk : found) {
      if (chunk.codec() == Codec.DROPPED
          || chunk.firstByte() != first.firstByte() + bytes.length()) {
        break;
      }
      byte[] decoded = chunk.decoded();
      bytes.append(decoded, 0, decoded.length);
      arrivals = arrivals.then(chunk.arrivals());
    }
    return new Stretch(first.firstByte(), first.firstLine(), bytes.takeAll(), arrivals);
  }
}
