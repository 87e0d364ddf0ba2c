package dev.buildonce.logs.web;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Wakes the one thread of a stream. What is raised before it waits is not lost. */
final class Signal {

  static final int LOG = 1;
  static final int STATUS = 2;
  static final int STOP = 4;

  private final AtomicInteger raised = new AtomicInteger();
  private volatile @Nullable Thread waiting;

  void raise(int reason) {
    if ((raised.getAndUpdate(now -> now | reason) & reason) == 0) {
      LockSupport.unpark(waiting);
    }
  }

  /** Whether this was raised since it was last taken. */
  boolean take(int reason) {
    return (raised.get() & reason) != 0
        && (raised.getAndUpdate(now -> now & ~reason) & reason) != 0;
  }

  /** Whether the stream is to stop; that is never taken. */
  boolean stopped() {
    return (raised.get() & STOP) != 0;
  }

  /** Waits until something is raised, at most until this {@link System#nanoTime}. */
  void await(long deadline) {
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
