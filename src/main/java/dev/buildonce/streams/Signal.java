package dev.buildonce.streams;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the one thread of a stream, for reasons of its own (bits) or to have it stop. What is
 * raised before it waits is not lost.
 */
public final class Signal {

  private static final int STOP = 1 << 31;

  private final AtomicInteger raised = new AtomicInteger();
  private volatile @Nullable Thread waiting;

  /** Raises it, from any thread; quick. */
  public void raise(int reason) {
    if ((raised.getAndUpdate(now -> now | reason) & reason) == 0) {
      LockSupport.unpark(waiting);
    }
  }

  /** Has the stream end soon. */
  void stop() {
    raise(STOP);
  }

  /** Whether this was raised since it was last taken. */
  public boolean take(int reason) {
    return (raised.get() & reason) != 0
        && (raised.getAndUpdate(now -> now & ~reason) & reason) != 0;
  }

  /** Whether the stream is to stop; that is never taken. */
  public boolean stopped() {
    return (raised.get() & STOP) != 0;
  }

  /** Waits until something is raised, at most until this {@link System#nanoTime}. */
  public void await(long deadline) {
    waiting = Thread.currentThread();
    try {
      long left = deadline - System.nanoTime();
      while (raised.get() == 0 && left > 0) {
        LockSupport.parkNanos(this, left);
        left = deadline - System.nanoTime();
      }
    } finally {
      waiting = null;
    }
  }
}
