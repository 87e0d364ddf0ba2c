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
import dev.buildonce.database.Disk;
import dev.buildonce.database.Home;
import dev.buildonce.leases.Lease;
import dev.buildonce.logs.FenceLost;
import dev.buildonce.runners.Cache;
import dev.buildonce.runners.Command;
import dev.buildonce.runners.RunnerBackend;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;

/**
 * Carries a leased attempt from where it stands to its published end. Trouble with the database
 * holds it up, and is never a verdict.
 */
@Component
class Carriage {
  private static final Logger LOG = LoggerFactory.getLogger(Carriage.class);

  /** How long before a start a run may have failed that is taken up then. */
  private static final Duration UNWATCHED = Duration.ofMinutes(10);

  private final Attempts attempts;
  private final Builders builders;
  private final RunnerBackend backend;
  private final HeldLeases held;
  private final Steps steps;
  private final SecretDigest digest;
  private final UUID home;
  private final Disk disk;
  private final Map<Long, AttemptRun> runs = new ConcurrentHashMap<>();

  Carriage(
      Attempts attempts,
      Builders builders,
      RunnerBackend backend,
      HeldLeases held,
      Steps steps,
      SecretDigest digest,
      Home home,
      Disk disk) {
    this.attempts = attempts;
    this.builders = builders;
    this.backend = backend;
    this.held = held;
    this.steps = steps;
    this.digest = digest;
    this.home = home.id();
    this.disk = disk;
  }

  /** The runs under way here, by attempt. */
  Collection<AttemptRun> runs() {
    return runs.values();
  }

  /** The run of an attempt, if it has one here. */
  Optional<AttemptRun> run(long attemptId) {
    return Optional.ofNullable(runs.get(attemptId));
  }

  /**
   * Carries one attempt; returns when there is nothing left to do for it here.
   *
   * @param room whether its pool has room for it: else it may only be ended or queued again
   */
  void carry(Lease lease, boolean room) throws InterruptedException {
    try {
      Optional<Carried> carried = steps.patiently(() -> attempts.carry(lease));
      if (carried.isPresent()) {
        carry(lease, carried.get(), room);
      }
    } catch (FenceLost | LeaseLost e) {
      LOG.info("Attempt {}: {}", lease.attemptId(), e.getMessage());
    }
  }

  /** What is logged meanwhile names the attempt as callers do. */
  private void carry(Lease lease, Carried attempt, boolean room) throws InterruptedException {
    try (var _ = MDC.putCloseable("key", attempt.key().value());
        var _ = MDC.putCloseable("attempt", String.valueOf(attempt.number()))) {
      AttemptEnd end = end(lease, attempt, room);
      if (end != null && publish(lease, end)) {
        steps.forget(lease);
      }
    }
  }

  private boolean publish(Lease lease, AttemptEnd end) throws InterruptedException {
    try {
      return steps.patiently(() -> attempts.publish(lease, end));
    } catch (DataIntegrityViolationException e) {
      LOG.error("The end of attempt {} cannot be stored", lease.attemptId(), e);
      return steps.patiently(() -> attempts.publish(lease, trouble(Retry.NO)));
    }
  }

  private static AttemptEnd trouble(Retry retry) {
    return AttemptEnd.errored(
        null, "The service itself failed with it; its own log says why", retry);
  }

  /** How the attempt ended, or null if somebody else has to say. */
  private @Nullable AttemptEnd end(Lease lease, Carried attempt, boolean room)
      throws InterruptedException {
    if (attempt.status() == AttemptStatus.RUNNING) {
      return home.equals(lease.home()) ? left(lease, attempt) : silent(lease, attempt);
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
    if (attempt.secretsGone()) {
      return AttemptEnd.errored(
          null,
          "Its secret params were only in the memory of the service that took the ask, which was"
              + " stopped or lost touch with the database: ask again",
          Retry.NO);
    }
    if (!room) {
      steps.patiently(() -> held.release(lease));
      return null;
    }
    Builder builder = builders.find(attempt.builder()).orElse(null);
    if (builder == null) {
      return AttemptEnd.errored(
          null, "The builder " + attempt.builder() + " is gone; bring its file back", Retry.NO);
    }
    try {
      Params params = builder.resolve(attempt.params());
      if (!params.missing().isEmpty()) {
        return AttemptEnd.errored(
            null,
            "Its builder changed and wants the secret params "
                + String.join(", ", params.missing())
                + ": ask again",
            Retry.NO);
      }
      Environment environment = environment(builder, params, attempt);
      Command command =
          new Command(
              builder.command(params.shown()),
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
    AttemptRun run = new AttemptRun(steps, lease, attempt, builder, backend);
    String secrets = digest.of(environment.secrets());
    return watched(
        lease,
        run,
        Instant.now(),
        () -> {
          if (!steps.patiently(() -> attempts.run(lease, builder, home, secrets))) {
            // Cancelled in this moment, taken by somebody else, or done by a commit of unknown
            // fate.
            Carried now = steps.patiently(() -> attempts.carry(lease)).orElse(null);
            if (now == null) {
              return null;
            }
            if (now.cancelled()) {
              return AttemptEnd.cancelled("Cancelled while it was queued");
            }
          }
          return run.run(command, environment);
        });
  }

  /** What a run goes through. */
  private interface Course {
    @Nullable AttemptEnd take() throws InterruptedException;
  }

  /**
   * Watches a run.
   *
   * @param begun from when on a full disk may be why it failed
   */
  private @Nullable AttemptEnd watched(Lease lease, AttemptRun run, Instant begun, Course course)
      throws InterruptedException {
    // Known before it is one, so that a cancel finds it from the moment on that it runs.
    runs.put(lease.attemptId(), run);
    AttemptEnd end;
    try {
      end = judged(course.take(), begun);
    } catch (FenceLost | LeaseLost e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("Attempt {} broke off", lease.attemptId(), e);
      end = trouble(Retry.COUNTED);
    } finally {
      runs.remove(lease.attemptId(), run);
    }
    if (run.mayRun()) {
      steps.forget(lease);
    }
    return end;
  }

  /**
   * What went wrong on a disk without room is no verdict on the build, whatever it says. The whole
   * run counts: what failed may be told much later, when a database or a service is back.
   */
  private @Nullable AttemptEnd judged(@Nullable AttemptEnd end, Instant begun) {
    if (end == null || !disk.lowSince(begun)) {
      return end;
    }
    return switch (end.status()) {
      case FAILED, ERRORED ->
          AttemptEnd.errored(
                  end.exitCode(), "Disk full, " + disk.room() + ": " + end.failure(), Retry.COUNTED)
              .with(end.excerpt());
      default -> end;
    };
  }

  private static Environment environment(Builder builder, Params params, Carried attempt)
      throws UnreadableSecret {
    return builder.environment(params, System::getenv).hiding(attempt.secrets());
  }

  /**
   * Goes on with what an earlier life of this home left to its runner. Without the very secrets
   * that the run was given its log could not be masked any more, so then it is ended.
   */
  private @Nullable AttemptEnd left(Lease lease, Carried attempt) throws InterruptedException {
    Builder builder = builders.find(attempt.builder()).orElse(null);
    Collection<String> secrets =
        attempt.secretsGone() || builder == null ? null : secrets(lease, attempt, builder);
    if (builder != null && secrets != null) {
      AttemptRun run = new AttemptRun(steps, lease, attempt, builder, backend);
      // When it began is not known here.
      return watched(lease, run, Instant.now().minus(UNWATCHED), () -> run.adopt(secrets));
    }
    steps.forget(lease);
    if (attempt.cancelled()) {
      return AttemptEnd.cancelled("Cancelled while it ran");
    }
    return attempt.secretsGone()
        ? AttemptEnd.errored(
            null,
            "The service that ran it stopped without a word, and with it went its secret params:"
                + " ask again",
            Retry.NO)
        : AttemptEnd.lost(
            "The service that ran it stopped without a word, and its builder or a secret of that"
                + " changed before the next start; it is tried again",
            Retry.NOT_COUNTED);
  }

  /** The secrets that a run was given, or null if they are not known any more. */
  private @Nullable Collection<String> secrets(Lease lease, Carried attempt, Builder builder) {
    if (lease.secrets() == null) {
      return List.of();
    }
    try {
      Collection<String> now =
          environment(builder, builder.resolve(attempt.params()), attempt).secrets();
      return lease.secrets().equals(digest.of(now)) ? now : null;
    } catch (InvalidParams | UnreadableSecret e) {
      LOG.info("The secrets of attempt {} are gone: {}", lease.attemptId(), e.getMessage());
      return null;
    }
  }

  /**
   * What ran in another home, whose service is silent. It may be paused or cut off, so its runner
   * is given the time that it needs to notice, a term, and to end what it has.
   */
  private AttemptEnd silent(Lease lease, Carried attempt) throws InterruptedException {
    steps.pending(
        lease, "waiting until nothing of it can be left in the home of a service that is silent");
    held.waitUnlessStopping(held.term().multipliedBy(2));
    if (attempt.cancelled()) {
      return AttemptEnd.cancelled("Cancelled while it ran");
    }
    return attempt.secretsGone()
        ? AttemptEnd.errored(
            null,
            "The service that ran it is silent, and only that had its secret params: ask again",
            Retry.NO)
        : AttemptEnd.lost(
            "The service that ran it was silent for its lease's term; it is tried again",
            Retry.NOT_COUNTED);
  }
}
