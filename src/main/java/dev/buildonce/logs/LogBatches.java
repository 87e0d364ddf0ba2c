package dev.buildonce.logs;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Hands bytes to a {@link LogWriter} in batches: the first byte at once, then what came within 100
 * ms or 1 MiB, whichever is first. Storing that fails is repeated until it works, the log is lost
 * or this is closed. Holds at most twice 1 MiB: who writes faster than is stored has to wait.
 */
public final class LogBatches implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogBatches.class);

  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(5);

  private final LogWriter writer;
  private final Runnable onStored;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Bytes waiting = new Bytes();
  private Bytes spare = new Bytes(); // of the storing thread
  private long arrived;
  private boolean finishing;
  private boolean finished;
  private boolean closed;
  private @Nullable RuntimeException lost;

  /**
   * Starts the thread that stores.
   *
   * @param writer used by that thread alone until this is closed
   * @param onStored called by that thread after something was stored, say to free the runner's
   *     spool up to {@link LogWriter#sourceOffset}; must be quick and not throw
   */
  public LogBatches(LogWriter writer, Runnable onStored) {
    this.writer = writer;
    this.onStored = onStored;
    Thread.ofVirtual().name("log-" + writer.id()).start(this::run);
  }

  /**
   * Takes bytes; waits while there is no room for them.
   *
   * @throws FenceLost if the log takes no more bytes from this fence
   * @throws IllegalStateException if this is closed or finishing
   */
  public void write(byte[] source, int from, int to) throws InterruptedException {
    int next = from;
    lock.lockInterruptibly();
    try {
      while (next < to) {
        int room = LogWriter.MAX_APPEND - waiting.length();
        if (failed() || closed || finishing) {
          throw refusal();
        }
        if (room == 0) {
          changed.await();
        } else {
          if (waiting.length() == 0) {
            arrived = System.currentTimeMillis();
          }
          int end = Math.min(to, next + room);
          waiting.append(source, next, end);
          next = end;
          changed.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stores all that was written, also what the mask holds back. No more can be written then.
   *
   * @param patience how long to wait for the database
   * @return whether all is stored
   * @throws FenceLost if the log takes no more bytes from this fence
   */
  public boolean finish(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      finishing = true;
      changed.signalAll();
      long left = patience.toNanos();
      while (!finished && !failed() && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (failed()) {
        throw refusal();
      }
      return finished;
    } finally {
      lock.unlock();
    }
  }

  /** Stops storing; what is not stored by then is not stored here any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes, and when the first of them came, in milliseconds since 1970. */
  private record Batch(Bytes bytes, long arrived) {}

  private void run() {
    try {
      long last = System.nanoTime() - INTERVAL;
      boolean done = false;
      while (!done) {
        Batch batch = next(last);
        if (batch == null) {
          return;
        }
        last = System.nanoTime();
        Bytes bytes = batch.bytes();
        if (bytes.length() > 0) {
          untilStored(
              () -> writer.append(bytes.array(), 0, bytes.length(), batch.arrived()),
              writer::store);
          reuse(bytes);
        } else {
          untilStored(writer::finish, writer::finish);
          done = true;
        }
        if (!isClosed()) {
          onStored.run();
        }
      }
      end(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(new IllegalStateException("Interrupted while storing a log", e));
    } catch (RuntimeException e) {
      end(e);
    }
  }

  /** The next batch, empty when all that remains is to finish; null when closed. */
  private @Nullable Batch next(long last) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        long wait = waiting.length() == 0 ? Long.MAX_VALUE : last + INTERVAL - System.nanoTime();
        if (waiting.length() == LogWriter.MAX_APPEND || finishing || wait <= 0) {
          Batch batch = new Batch(waiting, arrived);
          waiting = spare;
          changed.signalAll();
          return batch;
        }
        changed.awaitNanos(wait);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** The memory of a batch takes the next but one: who writes flat out costs no new megabytes. */
  private void reuse(Bytes bytes) {
    boolean large = bytes.length() >= LogWriter.MAX_CHUNK;
    bytes.clear();
    spare = large ? bytes : new Bytes();
  }

  private void untilStored(Runnable store, Runnable again) throws InterruptedException {
    Runnable attempt = store;
    long pause = INTERVAL;
    while (!isClosed()) {
      try {
        attempt.run();
        return;
      } catch (DataAccessException | TransactionException e) {
        if (pause == INTERVAL) {
          log.warn("Cannot store log {}; trying on", writer.id(), e);
        }
        rest(pause);
        pause = Math.min(2 * pause, LONGEST_BACKOFF);
        attempt = again;
      }
    }
  }

  private void rest(long pause) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = pause;
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(@Nullable RuntimeException failure) {
    lock.lock();
    try {
      lost = failure;
      finished = failure == null && !closed;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private boolean failed() {
    return lost != null;
  }

  private RuntimeException refusal() {
    RuntimeException cause = lost;
    return cause != null ? cause : new IllegalStateException("The log is being finished or closed");
  }
}
