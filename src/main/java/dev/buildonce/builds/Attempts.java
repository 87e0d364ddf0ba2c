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
   * @param secrets a digest of the secrets that the run is given, or null for none
   * @return false if somebody else took the lease or the attempt was taken back
   */
  public boolean run(Lease lease, Builder builder, UUID home, @Nullable String secrets) {
    Duration waited = transactions.call(() -> runLocked(lease, builder, home, secrets));
    if (waited == null) {
      return false;
    }
    metrics.waited(builder.name(), waited);
    wakeups.wake(lease.buildId());
    return true;
  }

  private @Nullable Duration runLocked(
      Lease lease, Builder builder, UUID home, @Nullable String secrets) {
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
    leases.startDeadline(lease.attemptId(), home, secrets);
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
    metrics.ended(published);
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
    return publishLocked(lease, attempt, attempt.cancelled() ? cancelled(attempt) : reported);
  }

  /** A mark beats whatever end was seen. */
  private static AttemptEnd cancelled(AttemptTable.Locked attempt) {
    String by = attempt.cancelledBy() == null ? "" : " by " + attempt.cancelledBy();
    String when = attempt.status() == AttemptStatus.QUEUED ? "it was queued" : "it ran";
    String why = attempt.cancelledWhy() == null ? "" : ": " + attempt.cancelledWhy();
    return AttemptEnd.cancelled("Cancelled" + by + " while " + when + why);
  }

  private AttemptTable.Ended publishLocked(
      Lease lease, AttemptTable.Locked attempt, AttemptEnd end) {
    AttemptStatus status = end.status();
    Build build = builds.find(lease.buildId()).orElseThrow();
    Leases.Wishes wishes = leases.remove(lease.attemptId());

    // Nothing can follow that needs secrets of which nothing is known here: the next ask has them.
    boolean complete = lease.only() == null || !secrets.of(lease.attemptId()).isEmpty();
    int retries = complete ? builders.find(attempt.builder()).map(Builder::retries).orElse(0) : 0;
    Chain chain =
        complete ? Chain.after(attempt, end, retries, RandomGenerator.getDefault()) : Chain.OVER;
    // That of a marked attempt was dropped with the mark: what is wanted now is wanted of a later
    // one.
    boolean again = build.again() && !attempt.cancelled();
    // The unique index on active attempts wants the old one ended first; its next is known.
    Integer next = chain.follows() ? attempt.number() + 1 : null;
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
    } else if (again && complete) {
      Duration backoff = chain.backoff() == null ? Duration.ZERO : chain.backoff();
      starts.follow(
          lease.buildId(),
          lease.attemptId(),
          attempt,
          0,
          0,
          Cause.REBUILD,
          place(lease, wishes, backoff));
    }
    if (again) {
      // A retry counts as the attempt that was wanted.
      builds.again(lease.buildId());
    }
    List<Change> changes = changes(lease.buildId(), build, attempt.number(), status, again);
    long revision = revisions.publish(changes) + changes.size() - 1;
    builds.ended(lease.buildId(), status(lease.buildId(), build, status), revision);
    AttemptTable.Ended ended = attempts.endedBy(lease.attemptId(), lease.fence()).orElseThrow();
    return again && complete ? ended.withFollower() : ended;
  }

  /** The end, and the flag that an outcome is born with. */
  private static List<Change> changes(
      long buildId, Build build, int number, AttemptStatus status, boolean again) {
    String key = build.key().value();
    if (!status.isOutcome()) {
      return List.of(new Change(buildId, key, Change.Kind.ENDED, number, status.word()));
    }
    Change outcome = new Change(buildId, key, Change.Kind.OUTCOME, number, status.word());
    return again
        ? List.of(outcome, new Change(buildId, key, Change.Kind.REBUILD_REQUESTED, null, null))
        : List.of(outcome);
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

  private Starts.Place place(Lease lease, Leases.Wishes wishes, Duration delay) {
    Duration queueTimeout =
        queues.of(lease.pool()).map(Queues.Queue::queueTimeout).orElse(Duration.ofHours(1));
    return new Starts.Place(
        lease.pool(), wishes.priority(), delay, wishes.timeout(), queueTimeout, lease.only());
  }
}
