package dev.buildonce.builds;

import dev.buildonce.database.Pace;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Leases;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogSweep;
import dev.buildonce.logs.Logs;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import org.springframework.stereotype.Component;

/**
 * Forgets what is not to be kept any longer: logs beyond their share of the disk, old attempts,
 * keys that nobody asks for, old changes. Never an active attempt, and never the outcome of a key
 * in use.
 */
@Component
class Retention {
  /*
   * A pass is many small transactions. Each takes what nobody else has locked, in the order of all
   * (builds by key, attempts, logs, the revision counter), so a pass waits for nobody and nobody for
   * long for a pass; and after each it rests for twice the time that it took. The same pass may run on
   * every replica.
   */
  private static final long STRETCH = 20_000;

  /** Uses are stored hourly, so a key may have been of use that much later than its row says. */
  private static final Duration UNSTORED = Duration.ofHours(1);

  private final KeepProperties keep;
  private final KeepTable table;
  private final BuildTable builds;
  private final Uses uses;
  private final Leases leases;
  private final Logs logs;
  private final LogSweep logSweep;
  private final Revisions revisions;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final MeterRegistry registry;
  private volatile double logBytes = Double.NaN;

  Retention(
      KeepProperties keep,
      KeepTable table,
      BuildTable builds,
      Uses uses,
      Leases leases,
      Logs logs,
      LogSweep logSweep,
      Revisions revisions,
      Transactions transactions,
      Wakeups wakeups,
      MeterRegistry registry) {
    this.keep = keep;
    this.table = table;
    this.builds = builds;
    this.uses = uses;
    this.leases = leases;
    this.logs = logs;
    this.logSweep = logSweep;
    this.revisions = revisions;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.registry = registry;
    registry.gauge("buildonce.keep.log.bytes", Tags.empty(), this, each -> each.logBytes);
    List.of("attempts", "builds", "logs", "changes").forEach(kind -> removed(kind, 0));
  }

  /** One pass over everything, until it is done or is not to go on. */
  void sweep(BooleanSupplier goOn) {
    uses.store();
    repeat(goOn, () -> transactions.call(logSweep::measure), _ -> {});
    repeat(
        goOn,
        () -> transactions.call(() -> logSweep.evict(keep.logBytes())),
        count -> removed("logs", count));
    long last = table.last();
    for (long after = 0; after < last && goOn.getAsBoolean(); after += STRETCH) {
      long from = after;
      repeat(
          goOn,
          () -> transactions.call(() -> trim(from, from + STRETCH)),
          count -> removed("attempts", count));
      repeat(goOn, () -> forget(from, from + STRETCH), count -> removed("builds", count));
    }
    repeat(
        goOn,
        () -> transactions.call(() -> revisions.forget(keep.changes())),
        count -> removed("changes", count));
    repeat(goOn, () -> transactions.call(logSweep::bury), _ -> {});
    logBytes = logSweep.bytes();
  }

  /** Does a step, a transaction, until there is nothing left for it to do. */
  private void repeat(BooleanSupplier goOn, IntSupplier step, IntConsumer committed) {
    Pace pace = new Pace(2);
    for (int done = 1; done > 0 && goOn.getAsBoolean(); ) {
      done = step.getAsInt();
      committed.accept(done);
      pace.rest();
    }
  }

  private int trim(long after, long last) {
    List<Long> ids = table.lockLong(after, last, keep.attempts());
    if (ids.isEmpty()) {
      return 0;
    }
    List<LogId> nobodys = table.removeOld(ids, keep.attempts());
    logs.abandon(nobodys);
    return nobodys.size();
  }

  private int forget(long after, long last) {
    List<Long> forgotten = transactions.call(() -> forgetLocked(after, last));
    forgotten.forEach(wakeups::wake);
    return forgotten.size();
  }

  private List<Long> forgetLocked(long after, long last) {
    List<KeepTable.Unused> found = table.lockUnused(after, last, keep.unused().plus(UNSTORED));
    // Looked at again under the locks: an attempt can have got a successor in between.
    Set<Long> active = leases.ofBuilds(found.stream().map(KeepTable.Unused::id).toList());
    List<KeepTable.Unused> unused =
        found.stream().filter(build -> !active.contains(build.id())).toList();
    if (unused.isEmpty()) {
      return List.of();
    }
    List<Long> ids = unused.stream().map(KeepTable.Unused::id).toList();
    logs.abandon(table.removeAttempts(ids));
    long revision =
        revisions.publish(
            unused.stream()
                .map(build -> new Change(build.id(), build.key(), Change.Kind.REMOVED, null, null))
                .toList());
    for (long id : ids) {
      builds.removed(id, revision++);
    }
    return ids;
  }

  private void removed(String kind, int count) {
    registry.counter("buildonce.keep.removed", "kind", kind).increment(count);
  }
}
