package dev.buildonce.dispatch;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builders.Environment;
import dev.buildonce.builders.InvalidParams;
import dev.buildonce.builders.Params;
import dev.buildonce.builders.UnreadableSecret;
import dev.buildonce.builds.AttemptEnd;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Attempts;
import dev.buildonce.builds.Attempts.Carried;
import dev.buildonce.database.Home;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Heartbeat;
import dev.buildonce.leases.Lease;
import dev.buildonce.logs.FenceLost;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import dev.buildonce.runners.BackendUnavailable;
import dev.buildonce.runners.Cache;
import dev.buildonce.runners.Command;
import dev.buildonce.runners.RunnerBackend;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Carries a leased attempt from where it stands to its published end. Trouble with the database
 * holds it up, and is never a verdict.
 */
@Component
class Carriage {
  private static final Logger LOG = LoggerFactory.getLogger(Carriage.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Attempts attempts;
  private final Builders builders;
  private final Logs logs;
  private final RunnerBackend backend;
  private final HeldLeases held;
  private final UUID home;
  private final Map<Long, AttemptRun> runs = new ConcurrentHashMap<>();

  Carriage(
      Attempts attempts,
      Builders builders,
      Logs logs,
      RunnerBackend backend,
      HeldLeases held,
      Home home) {
    this.attempts = attempts;
    this.builders = builders;
    this.logs = logs;
    this.backend = backend;
    this.held = held;
    this.home = home.id();
  }

  Logs logs() {
    return logs;
  }

  /** The runs under way here, by attempt. */
  Collection<AttemptRun> runs() {
    return runs.values();
  }

  /** The run of an attempt, if it has one here. */
  Optional<AttemptRun> run(long attemptId) {
    return Optional.ofNullable(runs.get(attemptId));
  }

  /** Carries one attempt; returns when there is nothing left to do for it here. */
  void carry(Lease lease) throws InterruptedException {
    try {
      Optional<Carried> carried = patiently(() -> attempts.carry(lease));
      if (carried.isPresent()) {
        AttemptEnd end = end(lease, carried.get());
        if (end != null) {
          patiently(() -> attempts.publish(lease, end));
        }
        forget(lease);
      }
    } catch (FenceLost | LeaseLost e) {
      LOG.info("Attempt {}: {}", lease.attemptId(), e.getMessage());
    }
  }

  /** How the attempt ended, or null if somebody else has to say. */
  private @Nullable AttemptEnd end(Lease lease, Carried attempt) throws InterruptedException {
    if (attempt.status() == AttemptStatus.RUNNING) {
      return abandoned(lease, attempt);
    }
    if (attempt.cancelled()) {
      return AttemptEnd.cancelled("Cancelled while it was queued");
    }
    if (lease.overdue()) {
      return AttemptEnd.timedOut(
          "No runner of pool "
              + lease.pool()
              + " took it before its queue timeout; ask again, or give the"
              + " pool more runners");
    }
    Builder builder = builders.find(attempt.builder()).orElse(null);
    if (builder == null) {
      return AttemptEnd.errored(
          null, "The builder " + attempt.builder() + " is gone; bring its file back", Retry.NO);
    }
    try {
      Params params = builder.resolve(attempt.params());
      Environment environment = builder.environment(params.all(), System::getenv);
      Command command =
          new Command(
              builder.command(params.all()),
              environment.variables(),
              attempt.key().value(),
              attempt.number(),
              builder.caches().stream()
                  .map(cache -> new Cache(lease.pool(), cache.name(), cache.path()))
                  .toList());
      return run(lease, attempt, builder, command, environment);
    } catch (InvalidParams e) {
      return AttemptEnd.errored(
          null, "Its builder changed and no longer takes its params: " + e.getMessage(), Retry.NO);
    } catch (UnreadableSecret e) {
      return AttemptEnd.errored(null, String.valueOf(e.getMessage()), Retry.NO);
    }
  }

  private @Nullable AttemptEnd run(
      Lease lease, Carried attempt, Builder builder, Command command, Environment environment)
      throws InterruptedException {
    if (!patiently(() -> attempts.run(lease, builder, home))) {
      // Cancelled in this moment, or taken by somebody else: the next look tells which.
      Optional<Carried> now = patiently(() -> attempts.carry(lease));
      return now.isPresent() && now.get().cancelled()
          ? AttemptEnd.cancelled("Cancelled while it was queued")
          : null;
    }
    AttemptRun run = new AttemptRun(this, lease, attempt, builder, backend);
    runs.put(lease.attemptId(), run);
    try {
      return run.run(command, environment);
    } finally {
      runs.remove(lease.attemptId());
    }
  }

  /** What an earlier life of this service, or another replica, left behind. */
  private AttemptEnd abandoned(Lease lease, Carried attempt) throws InterruptedException {
    if (home.equals(lease.home())) {
      forget(lease);
    }
    return attempt.cancelled()
        ? AttemptEnd.cancelled("Cancelled while it ran")
        : AttemptEnd.lost(
            "The service that ran it stopped without a word; it is tried again", Retry.NOT_COUNTED);
  }

  /** Ends what is left of the attempt on its runner and removes its files. */
  private void forget(Lease lease) throws InterruptedException {
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

  /** A step of a transaction, tried until the database has said yes or no. */
  private interface Step<T> {
    T take();
  }

  private <T> T patiently(Step<T> step) throws InterruptedException {
    while (true) {
      try {
        return step.take();
      } catch (DataAccessException | TransactionException e) {
        LOG.warn("The database does not take a step of an attempt; trying on: {}", e.getMessage());
        held.pause(PAUSE);
      }
    }
  }

  /** Asks the database what the lease of a run says now. */
  void hear(AttemptRun run, Lease lease) {
    try {
      for (Heartbeat heartbeat : held.renew()) {
        if (heartbeat.attemptId() == lease.attemptId()) {
          run.heard(heartbeat);
        }
      }
    } catch (DataAccessException e) {
      LOG.warn("The deadline of attempt {} cannot be read: {}", lease.attemptId(), e.getMessage());
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

  /** The end of a log, as text. */
  String tail(LogId log) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LogTail tail = logs.tail(log, () -> {})) {
      long at = Math.max(0, tail.length() - FailureLine.TAIL);
      while (at < tail.length()) {
        switch (tail.read(at, FailureLine.TAIL)) {
          case Piece.Kept kept -> {
            bytes.write(kept.array(), kept.from(), kept.length());
            at = kept.end();
          }
          case Piece.Dropped dropped -> at = dropped.end();
          case Piece.Nothing() -> at = tail.length();
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("The end of log {} cannot be read: {}", log, e.getMessage());
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
