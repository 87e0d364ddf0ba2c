package dev.buildonce.builds;

import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Leases;
import dev.buildonce.logs.Logs;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Wakeups;
import java.util.List;
import org.springframework.stereotype.Component;

/** Forgets builds and logs that should not have been. */
@Component
public final class Removals {
  private final BuildTable builds;
  private final AttemptTable attempts;
  private final Leases leases;
  private final Logs logs;
  private final Revisions revisions;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final ReadBarrier barrier;

  Removals(
      BuildTable builds,
      AttemptTable attempts,
      Leases leases,
      Logs logs,
      Revisions revisions,
      Transactions transactions,
      Wakeups wakeups,
      ReadBarrier barrier) {
    this.builds = builds;
    this.attempts = attempts;
    this.leases = leases;
    this.logs = logs;
    this.revisions = revisions;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.barrier = barrier;
  }

  /**
   * Forgets a key: its attempts, its outcome, its logs. Only the numbers of its attempts are not
   * used again.
   *
   * @throws UnknownKey if nobody asked for the key
   * @throws StillBuilding while processes of an attempt may run
   */
  public void remove(BuildKey key) {
    long id =
        transactions.call(
            () -> {
              Build build = locked(key);
              if (leases.any(build.id())) {
                throw new StillBuilding(build, "The build");
              }
              attempts.remove(build.id()).forEach(logs::delete);
              long revision =
                  revisions.publish(
                      List.of(
                          new Change(build.id(), key.value(), Change.Kind.REMOVED, null, null)));
              builds.removed(build.id(), revision);
              return build.id();
            });
    wakeups.wake(id);
  }

  /**
   * Takes the bytes of an attempt's log away for good, and from its failure what may quote them.
   * The outcome stays.
   *
   * @throws UnknownKey if nobody asked for the key
   * @throws UnknownAttempt if the build has no such attempt
   * @throws StillBuilding while the log is still written
   */
  public void removeLog(BuildKey key, int number) {
    Attempt removed =
        transactions.call(
            () -> {
              Build build = locked(key);
              Attempt attempt =
                  attempts
                      .find(build.id(), number)
                      .orElseThrow(() -> new UnknownAttempt(build, Integer.toString(number)));
              if (!attempt.status().isEnd()) {
                throw new StillBuilding(build, "The log of attempt " + number);
              }
              attempts.lock(attempt.id());
              attempts.unquote(attempt.id());
              logs.remove(attempt.log());
              barrier.edited();
              return attempt;
            });
    logs.published(removed.log());
  }

  private Build locked(BuildKey key) {
    Build build = builds.find(key).orElseThrow(() -> new UnknownKey(key));
    if (!builds.lock(build.id())) {
      throw new UnknownKey(key);
    }
    return builds.find(build.id()).orElseThrow(() -> new UnknownKey(key));
  }
}
