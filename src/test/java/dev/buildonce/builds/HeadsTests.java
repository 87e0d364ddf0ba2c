package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.TestDatabase;
import dev.buildonce.builders.Builder;
import dev.buildonce.builders.TestBuilders;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What answers from memory is what the database would have answered, whoever changed that. */
class HeadsTests {
  private static final UUID HOLDER = UUID.randomUUID();
  private static final UUID HOME = UUID.randomUUID();
  private static final long ROOM = 10 << 20;

  private final TestDatabase database = TestDatabase.migrated();
  private final BuildsContext elsewhere =
      new BuildsContext(database, database.transactions()); // the replica that changes things
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final Heads heads = heads(ROOM);

  private Heads heads(long bytes) {
    return new Heads(new ReadBarrier(database.jdbc()), elsewhere.get(Revisions.class), bytes);
  }

  @BeforeEach
  void start() {
    elsewhere.pool("local", 10_000);
    TestBuilders.replace(
        elsewhere.builders(), List.of(Builder.parse("b", "command: [never, run]\nretries: 0\n")));
  }

  @AfterEach
  void stop() {
    elsewhere.close();
    database.close();
  }

  @Test
  void outcomeThatStandsIsLoadedOnceAndTold() {
    end("k", AttemptEnd.succeeded("1"));

    Build first = read(heads, "k");
    Build second = read(heads, "k");

    assertThat(loads).hasValue(1);
    assertThat(second).isEqualTo(first.readAt(second.readAt()));
    assertThat(second.readAt()).isAfter(first.readAt());
  }

  @Test
  void onlyAnOutcomeThatStandsWithNothingUnderWayIsKept() {
    end("lost", AttemptEnd.timedOut("slow"));
    end("flagged", AttemptEnd.succeeded(null));
    flag("flagged");
    end("beside", AttemptEnd.succeeded(null));
    ask("beside", Duration.ZERO);
    ask("queued", null);

    for (String key : List.of("queued", "lost", "flagged", "beside", "unknown")) {
      read(heads, key);
      read(heads, key);
    }

    assertThat(heads.size()).isZero();
    assertThat(loads).hasValue(10);
  }

  @Test
  void flagSetElsewhereIsSeenByTheNextRead() {
    end("k", AttemptEnd.succeeded(null));
    end("other", AttemptEnd.succeeded(null));
    read(heads, "k");
    read(heads, "other");

    flag("k");

    assertThat(read(heads, "k").rebuild()).isNotNull();
    int before = loads.get();
    assertThat(read(heads, "other").rebuild()).isNull();
    assertThat(loads).hasValue(before);
  }

  @Test
  void attemptStartedBesideAnOutcomeIsSeen() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");

    ask("k", Duration.ZERO);

    assertThat(read(heads, "k").attempt().number()).isEqualTo(2);
    cancel("k");
    assertThat(read(heads, "k").attempt().cancelledAt()).isNotNull();
    ask("k", Duration.ZERO); // one that has not ended and one behind it
    assertThat(read(heads, "k").attempt().number()).isEqualTo(3);
  }

  @Test
  void failureThatQuotesARemovedLogIsNotTold() {
    end("k", AttemptEnd.failed(1, "the secret", null));
    assertThat(read(heads, "k").outcome().failure()).isEqualTo("the secret");

    elsewhere.get(Removals.class).removeLog(new BuildKey("k"), 1);

    assertThat(read(heads, "k").outcome().failure()).isEqualTo("exit 1, and its log was removed");
  }

  @Test
  void buildRemovedElsewhereIsGone() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");

    elsewhere.get(Removals.class).remove(new BuildKey("k"));

    assertThat(read(heads, "k")).isNull();
  }

  @Test
  void loadThatWasOvertakenByAChangeIsNotKept() {
    end("k", AttemptEnd.succeeded(null));
    end("other", AttemptEnd.succeeded(null));
    read(heads, "other");

    Build overtaken =
        heads
            .load(
                Set.of(new BuildKey("k")),
                keys -> {
                  Map<BuildKey, Build> loaded = load(keys);
                  flag("k");
                  read(heads, "other"); // applies the change
                  return loaded;
                })
            .get(new BuildKey("k"));

    assertThat(overtaken.rebuild()).isNull();
    assertThat(read(heads, "k").rebuild()).isNotNull();
  }

  @Test
  void loadThatBeganBeforeAnythingWasAppliedIsNotKept() {
    end("k", AttemptEnd.succeeded(null));
    end("other", AttemptEnd.succeeded(null));
    read(heads, "other");

    heads.load(
        Set.of(new BuildKey("k")),
        keys -> {
          Map<BuildKey, Build> loaded = load(keys);
          flag("k");
          newEpoch();
          read(heads, "other"); // drops everything and begins anew behind the flag
          return loaded;
        });

    assertThat(read(heads, "k").rebuild()).isNotNull();
  }

  @Test
  void gapInTheFeedDropsEverything() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");

    flag("k");
    end("other", AttemptEnd.succeeded(null));
    elsewhere
        .jdbc()
        .sql("DELETE FROM changes WHERE revision = (SELECT revision - 1 FROM revisions)")
        .update();

    assertThat(read(heads, "k").rebuild()).isNotNull();
  }

  @Test
  void moreChangesThanAreWorthReadingDropEverything() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");
    Revisions revisions = elsewhere.get(Revisions.class);
    var change = new Change(1_000_000, "other", Change.Kind.ENDED, 1, "lost");

    flag("k");
    revisions.publish(IntStream.range(0, 6000).mapToObj(_ -> change).toList());

    assertThat(read(heads, "k").rebuild()).isNotNull();
    assertThat(heads.size()).isZero();
  }

  @Test
  void manyChangesAreAppliedInPages() {
    end("k", AttemptEnd.succeeded(null));
    end("kept", AttemptEnd.succeeded(null));
    read(heads, "k");
    read(heads, "kept");
    Revisions revisions = elsewhere.get(Revisions.class);
    var change = new Change(1_000_000, "other", Change.Kind.ENDED, 1, "lost");

    revisions.publish(IntStream.range(0, 1200).mapToObj(_ -> change).toList());
    flag("k");

    assertThat(read(heads, "k").rebuild()).isNotNull();
    assertThat(heads.size()).isOne();
  }

  @Test
  void olderStateThatWasRestoredDropsEverything() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");

    // What a restored backup has: fewer changes, and other rows.
    elsewhere.jdbc().sql("UPDATE revisions SET revision = 0").update();
    elsewhere.jdbc().sql("DELETE FROM changes").update();
    elsewhere.jdbc().sql("UPDATE builds SET title = 'restored'").update();

    assertThat(read(heads, "k").title()).isEqualTo("restored");
  }

  @Test
  void otherEpochDropsEverything() {
    end("k", AttemptEnd.succeeded(null));
    read(heads, "k");

    newEpoch();
    elsewhere.jdbc().sql("UPDATE builds SET title = 'restored'").update();

    assertThat(read(heads, "k").title()).isEqualTo("restored");
  }

  @Test
  void memoryIsBounded() {
    Heads small = heads(300_000);
    String value = "\"" + "x".repeat(20_000) + "\"";
    for (int i = 0; i < 20; i++) {
      end("k" + i, AttemptEnd.succeeded(value));
      read(small, "k" + i);
    }

    assertThat(small.size()).isBetween(3L, 7L);
  }

  @Test
  void noRoomMeansThatEverythingIsRead() {
    Heads none = heads(0);
    end("k", AttemptEnd.succeeded(null));

    read(none, "k");
    read(none, "k");

    assertThat(loads).hasValue(2);
    assertThat(none.size()).isZero();
  }

  /** Rule 3, from two replicas that read while a third one flags and publishes. */
  @Test
  void whatWasFlaggedOrPublishedElsewhereIsNeverMissedByAReadThatBeginsAfter() throws Exception {
    int keys = 8;
    int rounds = 60;
    List<Heads> replicas = List.of(heads, heads(ROOM));
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < keys; i++) {
        end("k" + i, AttemptEnd.succeeded(null));
      }
      List<Future<?>> readers = new ArrayList<>();
      for (Heads replica : replicas) {
        for (int i = 0; i < 2; i++) {
          readers.add(threads.submit(() -> readUntil(over, replica, keys)));
        }
      }
      try {
        for (int round = 0; round < rounds; round++) {
          String key = "k" + round % keys;
          int number = read(replicas.get(round % 2), key).outcome().number();
          flag(key);
          for (Heads replica : replicas) {
            assertThat(read(replica, key).rebuild()).as("flag of round %d", round).isNotNull();
          }
          end(key, AttemptEnd.succeeded(null));
          for (Heads replica : replicas) {
            Build build = read(replica, key);
            assertThat(build.outcome().number()).as("round %d", round).isEqualTo(number + 1);
            assertThat(build.rebuild()).isNull();
            assertThat(build.attempt()).isEqualTo(build.outcome());
          }
        }
      } finally {
        over.set(true);
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
    // They did answer from memory in between, and do once the last change is applied.
    assertThat(loads.get()).isLessThan(reads.get() / 2);
    for (int i = 0; i < keys; i++) {
      read(heads, "k" + i);
      read(heads, "k" + i);
    }
    assertThat(heads.size()).isEqualTo(keys);
  }

  private void readUntil(AtomicBoolean over, Heads replica, int keys) {
    Map<String, Integer> seen = new HashMap<>();
    while (!over.get()) {
      for (int i = 0; i < keys; i++) {
        int number = read(replica, "k" + i).outcome().number();
        assertThat(number).isGreaterThanOrEqualTo(seen.getOrDefault("k" + i, 0));
        seen.put("k" + i, number);
      }
    }
  }

  private @Nullable Build read(Heads replica, String key) {
    reads.incrementAndGet();
    BuildKey wanted = new BuildKey(key);
    Build kept = replica.kept(Set.of(wanted)).get(wanted);
    return kept != null ? kept : replica.load(Set.of(wanted), this::load).get(wanted);
  }

  private Map<BuildKey, Build> load(Set<BuildKey> keys) {
    loads.incrementAndGet();
    Map<BuildKey, Build> found = new HashMap<>();
    elsewhere.get(BuildTable.class).find(keys).forEach(build -> found.put(build.key(), build));
    return found;
  }

  private void newEpoch() {
    elsewhere.jdbc().sql("UPDATE revisions SET epoch = gen_random_uuid()").update();
  }

  private void flag(String key) {
    var selection = new Rebuilds.Selection(Set.of(key), null, null, null, null, null, null, null);
    var wish = new Rebuilds.Wish("test", null, false, false, false, "tests");
    assertThat(elsewhere.get(Rebuilds.class).request(selection, wish, null).results())
        .containsEntry(key, Rebuilds.Result.FLAGGED);
  }

  private void cancel(String key) {
    elsewhere.get(Cancels.class).cancel(new BuildKey(key), null, null, null);
  }

  private Answer ask(String key, @Nullable Duration maxAge) {
    return elsewhere
        .get(Builds.class)
        .ask(
            new BuildKey(key),
            new Ask("b", Map.of(), null, null, null, null, "tests", maxAge, null, false));
  }

  /** Has an attempt of a key end like that. */
  private void end(String key, AttemptEnd end) {
    assertThat(ask(key, null)).isInstanceOf(Answer.Started.class);
    Lease lease =
        elsewhere
            .get(Leases.class)
            .pick("local", 1, HOLDER, HOME, Duration.ofMinutes(10))
            .getFirst();
    Attempts attempts = elsewhere.get(Attempts.class);
    assertThat(attempts.carry(lease)).isPresent();
    assertThat(attempts.run(lease, elsewhere.builders().find("b").orElseThrow(), HOME, null))
        .isTrue();
    assertThat(attempts.publish(lease, end)).isTrue();
  }
}
