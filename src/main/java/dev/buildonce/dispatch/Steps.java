package dev.buildonce.dispatch;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.Attempts;
import dev.buildonce.builds.FailureExcerpt;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Lease;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.LogWriter;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Mask;
import dev.buildonce.runners.BackendUnavailable;
import dev.buildonce.runners.RunnerBackend;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The steps of an attempt's way that the database or its runner may not take at once: what has to
 * be done is tried until it is, and what can be missed is logged.
 */
@Component
class Steps {
  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Attempts attempts;
  private final Logs logs;
  private final RunnerBackend backend;
  private final HeldLeases held;

  Steps(Attempts attempts, Logs logs, RunnerBackend backend, HeldLeases held) {
    this.attempts = attempts;
    this.logs = logs;
    this.backend = backend;
    this.held = held;
  }

  /** Whether the runner knows of an attempt; asked until it answers. */
  boolean knows(long attemptId) throws InterruptedException {
    while (true) {
      try {
        return backend.list().stream().anyMatch(each -> each.attempt() == attemptId);
      } catch (BackendUnavailable e) {
        LOG.warn("Attempt {} is not reached yet: {}", attemptId, e.getMessage());
        held.pause(PAUSE);
      }
    }
  }

  /**
   * Ends what is left of the attempt on its runner and removes its files. Without that no successor
   * may start, so it is tried for as long as it takes.
   */
  void forget(Lease lease) throws InterruptedException {
    while (true) {
      try {
        backend.end(lease.attemptId());
        return;
      } catch (BackendUnavailable e) {
        LOG.warn("Attempt {} cannot be cleaned up yet: {}", lease.attemptId(), e.getMessage());
        held.pause(PAUSE);
      }
    }
  }

  /**
   * A step with the database, tried until that has said yes or no.
   *
   * @throws DataIntegrityViolationException if it will never take it
   */
  <T> T patiently(Supplier<T> step) throws InterruptedException {
    while (true) {
      try {
        return step.get();
      } catch (DataIntegrityViolationException e) {
        throw e;
      } catch (DataAccessException | TransactionException e) {
        LOG.warn("The database does not take a step of an attempt; trying on: {}", e.getMessage());
        held.pause(PAUSE);
      }
    }
  }

  /** Asks the database what the lease of a run says now; false if it does not answer. */
  boolean hear(AttemptRun run, Lease lease) {
    try {
      held.renew(List.of(lease.attemptId())).stream()
          .filter(heartbeat -> heartbeat.fence() == lease.fence())
          .forEach(run::heard);
      return true;
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("The deadline of attempt {} cannot be read: {}", lease.attemptId(), e.getMessage());
      return false;
    }
  }

  /** Notes what a build says it waits for; if that fails, nobody but a reader misses it. */
  void pending(Lease lease, @Nullable String line) {
    try {
      Transactions.work(() -> attempts.pending(lease, line));
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("A pending reason of attempt {} is lost: {}", lease.attemptId(), e.getMessage());
    }
  }

  /** Continues a log under a fence, where it ends. */
  LogWriter writer(LogId log, long fence, LogLimit limit, Mask mask) throws InterruptedException {
    return patiently(() -> logs.writer(log, fence, limit, mask));
  }

  /** What the first error of a log is to be looked for with. */
  FailureScan scan(LogId log, Builder builder) {
    return new FailureScan(logs, log, builder);
  }

  /** What a log tells of a failure; whatever goes wrong with that is no reason not to say it. */
  @Nullable FailureExcerpt excerpt(FailureScan scan) throws InterruptedException {
    long begin = System.nanoTime();
    try {
      FailureExcerpt excerpt = patiently(scan::excerpt);
      LOG.debug("Looked through the log in {} ms", (System.nanoTime() - begin) / 1_000_000);
      return excerpt;
    } catch (RuntimeException e) {
      LOG.warn("The log of an attempt cannot be looked through", e);
      return null;
    }
  }

  /** The end of a log, as text. */
  String tail(LogId log) throws InterruptedException {
    return patiently(() -> LogEnd.read(logs, log, FailureLine.TAIL));
  }
}
