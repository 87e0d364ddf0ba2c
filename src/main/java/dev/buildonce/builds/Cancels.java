package dev.buildonce.builds;

import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Leases;
import dev.buildonce.revisions.Wakeups;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Takes attempts back. A cancel is a mark on attempt and lease in one transaction: it beats every
 * publish that commits after it, and whoever carries the attempt ends its processes.
 */
@Component
public final class Cancels {
  private final BuildTable builds;
  private final AttemptTable attempts;
  private final Leases leases;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final ApplicationEventPublisher events;

  Cancels(
      BuildTable builds,
      AttemptTable attempts,
      Leases leases,
      Transactions transactions,
      Wakeups wakeups,
      ApplicationEventPublisher events) {
    this.builds = builds;
    this.attempts = attempts;
    this.leases = leases;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.events = events;
  }

  /**
   * Marks the active attempt of a key, if it is not marked yet. Retries and follow-ups that were
   * asked for before are dropped with it.
   *
   * @param number the attempt that is meant, or null for whichever is active
   * @param by who takes it back, or null
   * @param why the reason, or null
   * @return the build with the mark committed
   * @throws UnknownKey if nobody asked for the key
   * @throws NotBuilding if nothing is active
   * @throws AttemptChanged if another attempt is the active one
   */
  public Build cancel(
      BuildKey key, @Nullable Integer number, @Nullable String by, @Nullable String why) {
    Build build = transactions.call(() -> mark(key, number, by, why));
    wakeups.wake(build.id());
    events.publishEvent(new AttemptCancelled(build.id()));
    return build;
  }

  private Build mark(
      BuildKey key, @Nullable Integer number, @Nullable String by, @Nullable String why) {
    Build known = builds.find(key).orElseThrow(() -> new UnknownKey(key));
    if (!builds.lock(known.id())) {
      throw new UnknownKey(key);
    }
    Build build = builds.find(known.id()).orElseThrow(() -> new UnknownKey(key));
    Attempt active = build.active();
    if (active == null) {
      // Asking twice is the same, as long as the processes of what was taken back are being ended.
      Set<Integer> ending = attempts.ending(build.id());
      if (ending.isEmpty() || (number != null && !ending.contains(number))) {
        throw new NotBuilding(build);
      }
      return build;
    }
    if (number != null && number != active.number()) {
      throw new AttemptChanged(build, number, active.number());
    }
    attempts.cancelled(active.id(), by, why);
    leases.stop(active.id());
    Attempt outcome = build.outcome();
    builds.cancelled(
        build.id(),
        outcome == null ? BuildStatus.UNBUILT : BuildStatus.of(outcome.status().word()));
    return builds.find(build.id()).orElseThrow();
  }
}
