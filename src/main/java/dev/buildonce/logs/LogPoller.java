package dev.buildonce.logs;

import dev.buildonce.database.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Looks into the database for what other replicas wrote, by one query for all logs that are watched
 * here and not closed. It rests while there are none, and a failure only delays it.
 */
final class LogPoller implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(LogPoller.class);

  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);
  private static final Duration REST = Duration.ofMinutes(1);
  private static final int IDS_PER_QUERY = 1000;

  private final LiveLogs live;
  private final LogTable table;
  private final Counter polls;
  private final Counter failures;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean running;
  private boolean asked;
  private volatile boolean resting;

  LogPoller(LiveLogs live, LogTable table, MeterRegistry metrics) {
    this.live = live;
    this.table = table;
    this.polls = counter(metrics, "ok");
    this.failures = counter(metrics, "failed");
  }

  /** Says that a log is watched from now on. */
  void watched() {
    if (resting) {
      lookNow();
    }
  }

  /** Asks for a look at once. */
  void lookNow() {
    lock.lock();
    try {
      asked = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start() {
    lock.lock();
    try {
      if (!running) {
        running = true;
        Thread.ofVirtual().name("log-poller").start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop() {
    lock.lock();
    try {
      running = false;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isRunning() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    Duration pause = INTERVAL;
    while (waitedFor(pause)) {
      try {
        Transactions.work(this::look);
        pause = INTERVAL;
      } catch (RuntimeException e) {
        failures.increment();
        if (pause == INTERVAL) {
          log.warn("Cannot look for what other replicas wrote to logs; trying on", e);
        }
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_BACKOFF) < 0 ? longer : LONGEST_BACKOFF;
      }
    }
  }

  private void look() {
    long[] ids = live.open();
    if (ids.length == 0) {
      rest();
      return;
    }
    for (int from = 0; from < ids.length; from += IDS_PER_QUERY) {
      long[] some = Arrays.copyOfRange(ids, from, Math.min(from + IDS_PER_QUERY, ids.length));
      for (LogRow row : table.find(some)) {
        LiveLog watched = live.find(row.id());
        if (watched != null) {
          watched.learn(row);
        }
      }
      polls.increment();
    }
  }

  private void rest() {
    resting = true;
    if (live.open().length == 0) {
      waitedFor(REST);
    }
    resting = false;
  }

  /** Waits for the time or for somebody who asks; false when it is to stop. */
  private boolean waitedFor(Duration time) {
    lock.lock();
    try {
      long left = time.toNanos();
      while (running && !asked && left > 0) {
        left = changed.awaitNanos(left);
      }
      asked = false;
      return running;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      running = false;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private static Counter counter(MeterRegistry metrics, String result) {
    return Counter.builder("buildonce.log.polls")
        .description("Looks for what other replicas wrote to logs that are watched here")
        .tag("result", result)
        .register(metrics);
  }
}
