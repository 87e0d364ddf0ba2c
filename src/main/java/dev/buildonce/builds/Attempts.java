package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.leases.Queues;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.Logs;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Wakeups;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Attempts as those who carry them on see them: each step is one transaction, fenced by the lease.
 *
 * <p>Rows are locked in the order builds, attempts, leases, logs, revisions.
 */
@Component
public final class Attempts {
  /** An attempt that ended because the service stopped or crashed is free this often a chain. */
  private static final int MOST_INTERRUPTIONS = 3;

  private final BuildTable builds;
  private final AttemptTable attempts;
  private final Starts starts;
  private final SecretParams secrets;
  private final Builders builders;
  private final Queues queues;
  private final Logs logs;
  private final Leases leases;
  private final Revisions revisions;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final ApplicationEventPublisher events;
  private final BuildMetrics metrics;

  Attempts(
      BuildTable builds,
      AttemptTable attempts,
      Starts starts,
      SecretParams secrets,
      Builders builders,
      Queues queues,
      Logs logs,
      Leases leases,
      Revisions revisions,
      Transactions transactions,
      Wakeups wakeups,
      ApplicationEventPublisher events,
      BuildMetrics metrics) {
    this.builds = builds;
    this.attempts = attempts;
    this.starts = starts;
    this.secrets = secrets;
    this.builders = builders;
    this.queues = queues;
    this.logs = logs;
    this.leases = leases;
    this.revisions = revisions;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.events = events;
    this.metrics = metrics;
  }

  /**
   * What a holder has to know of an attempt to carry it on.
   *
   * @param key its build's key
   * @param number its number
   * @param builder the name of its builder
   * @param params all of them, secrets too
   * @param secrets values among them that nobody may be shown
   * @param secretsGone whether secrets were given of which nothing is known here
   * @param log where its output goes
   * @param status queued or running
   * @param cancelled whether it was taken back
   */
  public record Carried(
      BuildKey key,
      int number,
      String builder,
      Map<String, String> params,
      LogId log,
      AttemptStatus status,
      boolean cancelled,
      Collection<String> secrets,
      boolean secretsGone) {

    /** Without params: they may be secret. */
    @Override
    public String toString() {
      return "Carried[" + key + " " + number + "]";
    }
  }

  /**
   * Has the lease's fence guard the attempt's log from now on, and says what there is to do.
   *
   * @return empty if somebody else took the lease
   */
  public Optional<Carried> carry(Lease lease) {
    return transactions.call(
        () -> {
          if (!builds.lock(lease.buildId())) {
            return Optional.<Carried>empty();
          }
          AttemptTable.Locked attempt = attempts.lock(lease.attemptId()).orElse(null);
          if (attempt == null || !leases.lock(lease.attemptId(), lease.fence())) {
            return Optional.<Carried>empty();
          }
          logs.fence(attempt.log(), lease.fence());
          Build build = builds.find(lease.buildId()).orElseThrow();
          Map<String, String> params = new HashMap<>(build.inputs());
          params.putAll(build.extras());
          Map<String, String> secret = secrets.of(lease.attemptId());
          params.putAll(secret);
          return Optional.of(
              new Carried(
                  build.key(),
                  attempt.number(),
                  attempt.builder(),
                  params,
                  attempt.log(),
                  attempt.status(),
                  attempt.cancelled(),
                  secret.values(),
                  lease.only() != null && secret.isEmpty()));
        });
  }

  /**
   * Notes that a queued attempt runs in a home, with its builder as it is now; its deadline begins.
   *
   * @return false if somebody else took the lease or the attempt was taken back
   */
  public boolean run(Lease lease, Builder builder, UUID home) {
    Duration waited = transactions.call(() -> runLocked(lease, builder, home));
    if (waited == null) {
      return false;
    }
    metrics.waited(builder.name(), waited);
    wakeups.wake(lease.buildId());
    return true;
  }

  private @Nullable Duration runLocked(Lease lease, Builder builder, UUID home) {
    if (!builds.lock(lease.buildId())) {
      return null;
    }
    AttemptTable.Locked attempt = attempts.lock(lease.attemptId()).orElse(null);
    if (attempt == null
        || attempt.cancelled()
        || !attempt.status().canBecome(AttemptStatus.RUNNING)
        || !leases.lock(lease.attemptId(), lease.fence())) {
      return null;
    }
    Duration waited = attempts.running(lease.attemptId(), builder.version().toString());
    leases.startDeadline(lease.attemptId(), home);
    builds.running(lease.buildId());
    return waited;
  }

  /** Notes what a running attempt itself says it waits for, or null for nothing. */
  public void pending(Lease lease, @Nullable String reason) {
    String line = reason == null ? null : OneLine.of(reason, 200);
    if (attempts.pending(lease.attemptId(), lease.fence(), line)) {
      wakeups.wake(lease.buildId());
    }
  }

  /**
   * Publishes the end of an attempt: all that belongs to it in one transaction. A mark of a cancel
   * that was committed before beats whatever end the runner saw. Safe to repeat after a commit of
   * unknown fate: an end that carries our fence is ours.
   *
   * @return false if the lease was somebody else's
   */
  public boolean publish(Lease lease, AttemptEnd end) {
    AttemptTable.@Nullable Ended published = transactions.call(() -> publishLocked(lease, end));
    if (published == null) {
      published = attempts.endedBy(lease.attemptId(), lease.fence()).orElse(null);
    }
    if (published == null) {
      return false;
    }
    secrets.forget(lease.attemptId());
    logs.published(published.log());
    metrics.ended(published.builder(), published.status(), published.run());
    wakeups.wake(lease.buildId());
    events.publishEvent(new AttemptQueued(lease.buildId()));
    return true;
  }

  private AttemptTable.@Nullable Ended publishLocked(Lease lease, AttemptEnd reported) {
    if (!builds.lock(lease.buildId())) {
      return null;
    }
    AttemptTable.Locked attempt = attempts.lock(lease.attemptId()).orElse(null);
    if (attempt == null
        || attempt.status().isEnd()
        || !leases.lock(lease.attemptId(), lease.fence())) {
      return null;
    }
    logs.close(attempt.log(), lease.fence());
    if (attempt.cancelled() && reported.status() != AttemptStatus.CANCELLED) {
      return publishLocked(lease, attempt, AttemptEnd.cancelled("Cancelled while it ran"));
    }
    return publishLocked(lease, attempt, reported);
  }

  private AttemptTable.Ended publishLocked(
      Lease lease, AttemptTable.Locked attempt, AttemptEnd end) {
    AttemptStatus status = end.status();
    Build build = builds.find(lease.buildId()).orElseThrow();
    Leases.Wishes wishes = leases.remove(lease.attemptId());

    // Nothing can follow that needs secrets of which nothing is known here: the next ask has them.
    boolean complete = lease.only() == null || !secrets.of(lease.attemptId()).isEmpty();
    Chain chain = complete ? chain(attempt, end, build) : Chain.OVER;
    // One more attempt was asked for: a retry is that one, and a cancel dropped the wish.
    boolean again = build.again() && complete && !attempt.cancelled() && !chain.follows();
    Integer next = null;
    if (chain.follows()) {
      // The unique index on active attempts wants the old one ended first; its next is known.
      next = attempt.number() + 1;
    }
    attempts.ended(lease.attemptId(), status, end, lease.fence(), next, chain.backoff());
    if (status.isOutcome()) {
      builds.outcome(lease.buildId(), attempt.number());
    }
    if (chain.follows()) {
      starts.follow(
          lease.buildId(),
          lease.attemptId(),
          attempt,
          chain.retry(),
          chain.interrupted(),
          Cause.RETRY,
          place(lease, wishes, chain.delay()));
    } else if (again) {
      starts.follow(
          lease.buildId(),
          lease.attemptId(),
          attempt,
          0,
          0,
          Cause.REBUILD,
          place(lease, wishes, Duration.ZERO));
    }
    if (build.again()) {
      builds.followed(lease.buildId());
    }
    long revision =
        revisions.publish(
            List.of(
                new Change(
                    lease.buildId(),
                    build.key().value(),
                    status.isOutcome() ? Change.Kind.OUTCOME : Change.Kind.ENDED,
                    attempt.number(),
                    status.word())));
    builds.ended(lease.buildId(), status(lease.buildId(), build, status), revision);
    return attempts.endedBy(lease.attemptId(), lease.fence()).orElseThrow();
  }

  /** Where the build stands after an end: with its active attempt, else with its outcome. */
  private BuildStatus status(long buildId, Build before, AttemptStatus ended) {
    Optional<AttemptStatus> active = attempts.active(buildId);
    if (active.isPresent()) {
      return active.get() == AttemptStatus.QUEUED ? BuildStatus.QUEUED : BuildStatus.RUNNING;
    }
    Attempt outcome = before.outcome();
    AttemptStatus stands = ended.isOutcome() ? ended : outcome == null ? null : outcome.status();
    if (stands == null) {
      return BuildStatus.UNBUILT;
    }
    return stands == AttemptStatus.SUCCEEDED ? BuildStatus.SUCCEEDED : BuildStatus.FAILED;
  }

  /** Whether an attempt follows in the chain, with which counts, and after which time. */
  private record Chain(
      boolean follows, int retry, int interrupted, Duration delay, @Nullable Duration backoff) {
    static final Chain OVER = new Chain(false, 0, 0, Duration.ZERO, null);
  }

  private Chain chain(AttemptTable.Locked attempt, AttemptEnd end, Build build) {
    if (end.retry() == AttemptEnd.Retry.NO) {
      return Chain.OVER;
    }
    int retries = builders.find(attempt.builder()).map(Builder::retries).orElse(0);
    int retry = attempt.retry();
    int interrupted = attempt.interrupted();
    Duration delay = Backoff.after(retry, RandomGenerator.getDefault());
    boolean active = build.attempt() != null && build.attempt().number() > attempt.number();
    if (active) {
      return Chain.OVER;
    }
    if (end.retry() == AttemptEnd.Retry.NOT_COUNTED && interrupted < MOST_INTERRUPTIONS) {
      return new Chain(true, retry, interrupted + 1, Duration.ZERO, null);
    }
    return retry < retries
        ? new Chain(true, retry + 1, interrupted, delay, null)
        : new Chain(false, retry, interrupted, Duration.ZERO, delay);
  }

  private Starts.Place place(Lease lease, Leases.Wishes wishes, Duration delay) {
    Duration queueTimeout =
        queues.of(lease.pool()).map(Queues.Queue::queueTimeout).orElse(Duration.ofHours(1));
    return new Starts.Place(
        lease.pool(), wishes.priority(), delay, wishes.timeout(), queueTimeout, lease.only());
  }
}
