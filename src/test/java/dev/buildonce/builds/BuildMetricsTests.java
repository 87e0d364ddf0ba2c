package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.TestDatabase;
import dev.buildonce.builders.Builder;
import dev.buildonce.builders.TestBuilders;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Mask;
import dev.buildonce.logs.TestWriter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** What is counted, and that it is counted once. */
class BuildMetricsTests {
  private static final UUID HOLDER = UUID.randomUUID();
  private static final UUID HOME = UUID.randomUUID();

  private final TestDatabase database = TestDatabase.migrated();
  private final AtomicBoolean loseCommit = new AtomicBoolean();
  private BuildsContext here;
  private BuildsContext elsewhere;

  @BeforeEach
  void start() {
    here = replica();
    elsewhere = replica();
  }

  @AfterEach
  void stop() {
    elsewhere.close();
    here.close();
    database.close();
  }

  private BuildsContext replica() {
    var context = new BuildsContext(database, new Transactions(new Losing()));
    context.pool("local", 100);
    TestBuilders.replace(
        context.builders(),
        List.of(
            Builder.parse("shell", "command: [never, run]\nparams: {script: {}}\nretries: 1\n")));
    return context;
  }

  /** Commits, and then says that it does not know whether it did. */
  private final class Losing extends DataSourceTransactionManager {
    Losing() {
      super(database.dataSource());
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
      super.doCommit(status);
      if (!status.isReadOnly() && loseCommit.getAndSet(false)) {
        throw new TransactionSystemException("The connection was lost");
      }
    }
  }

  @Test
  void asksAndStartsAreCountedByTheReplicaThatAnsweredThem() {
    ask(here, "k");
    ask(elsewhere, "k");
    ask(elsewhere, "k");

    assertThat(count(here, "asks", "answer", "start")).isOne();
    assertThat(count(here, "builds.started")).isOne();
    assertThat(count(elsewhere, "asks", "answer", "join")).isEqualTo(2);
    assertThat(count(elsewhere, "asks", "answer", "start")).isZero();
    assertThat(count(elsewhere, "builds.started")).isZero();
  }

  @Test
  void endOfUnknownFateIsCountedOnceWhenItIsLookedUp() {
    ask(here, "k");
    Lease lease = run(here, "seven b");
    loseCommit.set(true);

    assertThatThrownBy(() -> attempts(here).publish(lease, AttemptEnd.succeeded(null)))
        .isInstanceOf(TransactionSystemException.class);
    assertThat(count(here, "builds.ended")).isZero();
    boolean published = attempts(here).publish(lease, AttemptEnd.succeeded(null));

    assertThat(published).isTrue();
    assertThat(count(here, "builds.ended", "status", "succeeded")).isOne();
    assertThat(count(here, "log.bytes")).isEqualTo(7);
    assertThat(timer(here, "build.run")).isOne();
    assertThat(timer(here, "build.queue")).isOne();
    assertThat(count(elsewhere, "builds.ended")).isZero();
  }

  @Test
  void attemptThatFollowsIsAStart() {
    ask(here, "k");

    attempts(here).publish(run(here, ""), AttemptEnd.lost("gone", AttemptEnd.Retry.COUNTED));

    assertThat(count(here, "builds.ended", "status", "lost")).isOne();
    assertThat(count(here, "builds.started")).isEqualTo(2);
    assertThat(count(here, "asks")).isOne();
  }

  @Test
  void hitSavesTheRunTimeAndAJoinTheEstimate() {
    ask(here, "k");
    Lease lease = run(here, "");
    database.jdbc().sql("UPDATE attempts SET started_at = started_at - interval '90 s'").update();
    database.jdbc().sql("UPDATE revisions SET edits = edits + 1").update();
    attempts(here).publish(lease, AttemptEnd.succeeded(null));

    ask(elsewhere, "k");
    double hit = count(elsewhere, "saved.seconds");
    here.get(Rebuilds.class).request(selection("k"), wish(), null);
    ask(here, "k");
    ask(elsewhere, "k");

    assertThat(hit).isBetween(90.0, 100.0);
    assertThat(count(elsewhere, "saved.seconds")).isBetween(2 * hit - 1, 2 * hit + 1);
    assertThat(count(here, "saved.seconds")).isZero();
  }

  @Test
  void rebuildRequestsAreCountedByResultAndNotWhenOnlyTold() {
    ask(here, "k");
    attempts(here).publish(run(here, ""), AttemptEnd.failed(1, "no", null));
    Rebuilds rebuilds = here.get(Rebuilds.class);

    rebuilds.request(selection("k"), new Rebuilds.Wish(null, null, true, false, false, "me"), null);
    rebuilds.request(selection("k", "never"), wish(), null);
    rebuilds.request(selection("k"), wish(), null);

    assertThat(count(here, "rebuild.requests", "result", "flagged")).isOne();
    assertThat(count(here, "rebuild.requests", "result", "already-flagged")).isOne();
    assertThat(count(here, "rebuild.requests", "result", "unknown")).isOne();
    assertThat(count(here, "rebuild.requests")).isEqualTo(3);
  }

  @Test
  void gaugesShowTheWholeDatabaseOnEachReplica() {
    ask(here, "one");
    ask(here, "two");
    ask(here, "three");
    run(here, "");
    elsewhere.get(ActiveBuilds.class).stop(); // its own turns might show what they read before
    elsewhere.get(ActiveBuilds.class).turn();

    assertThat(gauge(elsewhere, "builds.in.progress", "builder", "shell")).isOne();
    assertThat(gauge(elsewhere, "queue.length", "pool", "local")).isEqualTo(2);

    attempts(here).publish(run(here, ""), AttemptEnd.succeeded(null));
    attempts(here).publish(run(here, ""), AttemptEnd.succeeded(null));
    elsewhere.get(ActiveBuilds.class).turn();

    assertThat(gauge(elsewhere, "queue.length", "pool", "local")).isZero();
  }

  private static void ask(BuildsContext replica, String key) {
    replica
        .get(Builds.class)
        .ask(
            new BuildKey(key),
            new Ask(
                "shell",
                Map.of("script", "true"),
                null,
                null,
                null,
                null,
                "test",
                null,
                null,
                false));
  }

  private static Attempts attempts(BuildsContext replica) {
    return replica.get(Attempts.class);
  }

  /** Takes the next queued attempt, and has it run and write something. */
  private static Lease run(BuildsContext replica, String output) {
    Lease lease =
        replica.get(Leases.class).pick("local", 1, HOLDER, HOME, Duration.ofMinutes(1)).getFirst();
    Attempts.Carried carried = attempts(replica).carry(lease).orElseThrow();
    assertThat(
            attempts(replica)
                .run(lease, replica.builders().find("shell").orElseThrow(), HOME, null))
        .isTrue();
    if (!output.isEmpty()) {
      var writer =
          replica
              .get(Logs.class)
              .writer(carried.log(), lease.fence(), new LogLimit(10_000), Mask.none());
      new TestWriter(writer).append(output.getBytes());
    }
    return lease;
  }

  private static Rebuilds.Selection selection(String... keys) {
    return new Rebuilds.Selection(Set.of(keys), null, null, null, null, null, null, null);
  }

  private static Rebuilds.Wish wish() {
    return new Rebuilds.Wish(null, null, false, false, false, "me");
  }

  private static double count(BuildsContext replica, String name, String... tags) {
    return replica.get(MeterRegistry.class).find("buildonce." + name).tags(tags).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static double gauge(BuildsContext replica, String name, String... tags) {
    return replica.get(MeterRegistry.class).get("buildonce." + name).tags(tags).gauge().value();
  }

  private static long timer(BuildsContext replica, String name) {
    return replica.get(MeterRegistry.class).get("buildonce." + name).timer().count();
  }
}
