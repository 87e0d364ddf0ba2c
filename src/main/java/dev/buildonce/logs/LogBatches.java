package dev.buildonce.logs;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Hands bytes to a {@link LogWriter} in batches: the first byte at once, then what came within 100
 * ms or 2 MiB, whichever is first. Storing that fails is repeated until it works, the log is lost
 * or this is closed. Holds about three times 2 MiB at most: who writes faster than is stored has to
 * wait.
 */
/*
 * While one batch is stored, the next one is packed and the one behind it filled: with one after the
 * other, the processors would wait for the database's disk and it for them.
 */
public final class LogBatches implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogBatches.class);

  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(5);

  private final LogWriter writer;
  private final Consumer<Piece.Kept> onPacking;
  private final Runnable onStored;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by lock
  private Bytes waiting = new Bytes();
  private long arrived;
  private @Nullable Append packed;
  private @Nullable Bytes spare;
  private boolean storing;
  private boolean finishing;
  private boolean allPacked;
  private boolean finished;
  private boolean closed;
  private @Nullable RuntimeException lost;

  /**
   * Starts the threads that pack and store.
   *
   * @param writer used by them alone until this is closed
   * @param onPacking told by a thread of its own of what will be stored next; must not throw, and
   *     is not to use the bytes once it returns
   * @param onStored told by the thread that stores when something was, say to free the runner's
   *     spool up to {@link LogWriter#sourceOffset}; must be quick and not throw
   */
  public LogBatches(LogWriter writer, Consumer<Piece.Kept> onPacking, Runnable onStored) {
    this.writer = writer;
    this.onPacking = onPacking;
    this.onStored = onStored;
    Thread.ofVirtual().name("log-packing-" + writer.id()).start(() -> run(this::pack));
    Thread.ofVirtual().name("log-" + writer.id()).start(() -> run(this::store));
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
        if (room <= 0) {
          changed.await();
        } else {
          if (waiting.length() == 0) {
            arrived = System.currentTimeMillis();
          }
          int end = Math.min(to, next + room);
          writer.mask(source, next, end, waiting);
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
    change(() -> closed = true);
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is to be packed.
   *
   * @param sourceEnd how much of the runner's output it ends with
   * @param arrived when the first of it came, in milliseconds since 1970
   */
  private record Batch(Bytes bytes, long sourceEnd, long arrived, boolean isLast) {}

  private interface Work {
    void run() throws InterruptedException;
  }

  private void run(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(new IllegalStateException("Interrupted while storing a log", e));
    } catch (RuntimeException e) {
      end(e);
    } catch (Error e) {
      end(new IllegalStateException("A log cannot be stored", e));
      throw e;
    }
  }

  private void pack() throws InterruptedException {
    long last = System.nanoTime() - INTERVAL;
    boolean done = false;
    for (Batch batch; !done && (batch = next(last)) != null; ) {
      last = System.nanoTime();
      Append append = writer.pack(batch.bytes(), batch.sourceEnd(), batch.arrived(), onPacking);
      boolean isLast = batch.isLast();
      change(
          () -> {
            packed = append;
            allPacked = isLast;
          });
      done = isLast;
    }
  }

  /** The next batch, once the last one is being stored; may be empty at the end. Null if closed. */
  private @Nullable Batch next(long last) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && !failed()) {
        long wait = waiting.length() == 0 ? Long.MAX_VALUE : last + INTERVAL - System.nanoTime();
        boolean due = waiting.length() >= LogWriter.MAX_APPEND || finishing || wait <= 0;
        // A little one waits for what is being stored: what comes meanwhile goes with it.
        boolean ahead = waiting.length() >= LogWriter.MAX_CHUNK;
        if (due && packed == null && (!storing || ahead)) {
          return cut();
        }
        changed.awaitNanos(due ? Long.MAX_VALUE : wait);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Batch cut() {
    if (finishing) {
      writer.unmask(waiting);
    }
    Batch batch = new Batch(waiting, writer.decided(), arrived, finishing);
    waiting = spare == null ? new Bytes() : spare;
    spare = null;
    changed.signalAll();
    return batch;
  }

  private void store() throws InterruptedException {
    for (Append append; (append = take()) != null; ) {
      untilStored(append);
      if (isClosed()) {
        break;
      }
      onStored.run();
      reuse(append.data());
    }
    end(null);
  }

  /** What is to be stored next; null when that was all, or closed. */
  private @Nullable Append take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      storing = false;
      changed.signalAll();
      while (packed == null && !allPacked && !closed && !failed()) {
        changed.await();
      }
      Append append = closed ? null : packed;
      packed = null;
      storing = append != null;
      changed.signalAll();
      return append;
    } finally {
      lock.unlock();
    }
  }

  /** The memory of a batch takes a later one: who writes flat out costs no new megabytes. */
  private void reuse(Bytes bytes) {
    if (bytes.length() >= LogWriter.MAX_CHUNK) {
      bytes.clear();
      change(() -> spare = bytes);
    }
  }

  private void untilStored(Append append) throws InterruptedException {
    long pause = INTERVAL;
    while (!isClosed()) {
      try {
        writer.store(append);
        return;
      } catch (DataAccessException | TransactionException e) {
        if (pause == INTERVAL) {
          log.warn("Cannot store log {}; trying on", writer.id(), e);
        }
        rest(pause);
        pause = Math.min(2 * pause, LONGEST_BACKOFF);
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
    change(
        () -> {
          lost = lost == null ? failure : lost;
          finished = lost == null && !closed;
        });
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
