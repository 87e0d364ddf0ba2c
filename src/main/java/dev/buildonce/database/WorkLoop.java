package dev.buildonce.database;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Something the service does again and again by itself, on the work lane: at an interval, and at
 * once when it is woken. An exception ends one turn, never the loop. The metrics {@code
 * buildonce.loop.turns} and {@code buildonce.loop.failures} show by name that it is alive. A bean
 * that is one runs as long as the service does.
 */
public abstract class WorkLoop implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(WorkLoop.class);

  private final String name;
  private final Duration interval;
  private final Counter turns;
  private final Counter failures;
  private final Object lock = new Object(); // not this, which a turn may want while it is awaited
  private final Semaphore wakeups = new Semaphore(0);
  private volatile boolean running;
  private @Nullable Thread thread;

  /**
   * A loop that does not run yet.
   *
   * @param name in metrics, logs and the thread's name
   * @param interval between the end of a turn and the next, unless woken
   */
  protected WorkLoop(String name, Duration interval, MeterRegistry registry) {
    this.name = name;
    this.interval = interval;
    this.turns = registry.counter("buildonce.loop.turns", "loop", name);
    this.failures = registry.counter("buildonce.loop.failures", "loop", name);
  }

  /** A loop for someone who starts and stops it, with this as its turn. */
  public static WorkLoop of(String name, Duration interval, Runnable turn, MeterRegistry registry) {
    return new WorkLoop(name, interval, registry) {
      @Override
      protected void turn() {
        turn.run();
      }
    };
  }

  /** What is done. */
  protected abstract void turn();

  /** Starts the loop with a turn at once. */
  @Override
  public void start() {
    synchronized (lock) {
      if (thread == null) {
        running = true;
        thread = Thread.ofVirtual().name("loop-" + name).start(this::run);
      }
    }
  }

  /** Has a turn begin after this call, at once or as soon as the present one is over. */
  public void wake() {
    if (wakeups.availablePermits() == 0) {
      wakeups.release();
    }
  }

  /** Lets the present turn end, for at most 10 seconds, and begins no other. */
  @Override
  public void stop() {
    synchronized (lock) {
      Thread stopping = thread;
      if (stopping == null) {
        return;
      }
      running = false;
      wake();
      try {
        if (!stopping.join(Duration.ofSeconds(10))) {
          LOG.warn("The loop {} did not end in time", name);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
  }

  /** Whether it was started and not stopped. */
  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    boolean failed = false;
    while (running) {
      try {
        Transactions.work(this::turn);
        turns.increment();
        failed = false;
      } catch (RuntimeException | Error e) {
        failures.increment();
        if (!failed) {
          LOG.warn("A turn of the loop {} failed; it goes on", name, e);
        }
        failed = true;
      }
      try {
        wakeups.tryAcquire(
            failed ? Math.max(1000, interval.toMillis()) : interval.toMillis(),
            TimeUnit.MILLISECONDS);
        wakeups.drainPermits();
      } catch (InterruptedException e) {
        LOG.warn("The loop {} was interrupted; it goes on", name);
      }
    }
  }
}
