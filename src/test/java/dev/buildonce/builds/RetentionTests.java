package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.TestBuilders;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Mask;
import dev.buildonce.logs.Piece;
import dev.buildonce.logs.TestWriter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is forgotten, and what never is. Time passes by shifting rows. */
class RetentionTests {
  private static final UUID HOLDER = UUID.randomUUID();
  private static final UUID HOME = UUID.randomUUID();
  private static final Duration TERM = Duration.ofMinutes(10);
  private static final int LOG = 300_000;

  private BuildsContext context;

  @BeforeEach
  void start() {
    context =
        new BuildsContext("buildonce.keep.attempts=3", "buildonce.keep.log-bytes=" + 4 * LOG + "B");
    context.pool("local", 1000);
    TestBuilders.replace(
        context.builders(), List.of(Builder.parse("b", "command: [never, run]\nretries: 0\n")));
  }

  @AfterEach
  void stop() {
    context.close();
  }

  @Test
  void oldAttemptsGoWithTheirLogsAndNumbersGoOn() {
    for (int i = 0; i < 6; i++) {
      end("k", AttemptEnd.failed(1, "no", null), "log " + i);
      context.jdbc().sql("UPDATE builds SET rebuild_at = clock_timestamp()").update();
    }

    sweep();

    assertThat(numbers("k")).containsExactly(6, 5, 4);
    assertThat(count("SELECT count(*) FROM logs")).isEqualTo(3);
    assertThat(count("SELECT count(DISTINCT log_id) FROM log_chunks")).isEqualTo(3);
    assertThat(removed("attempts")).isEqualTo(3);
    assertThat(end("k", AttemptEnd.succeeded(null), "next").number()).isEqualTo(7);
  }

  @Test
  void outcomeThatStandsIsKeptWithItsLogHoweverOldItIs() {
    end("k", AttemptEnd.succeeded("1"), "it");
    context.jdbc().sql("UPDATE builds SET rebuild_at = clock_timestamp()").update();
    for (int i = 0; i < 5; i++) {
      end("k", AttemptEnd.timedOut("slow"), "slow");
    }

    sweep();

    assertThat(numbers("k")).containsExactly(6, 5, 4, 1);
    Attempt outcome = build("k").outcome();
    assertThat(outcome.value()).isEqualTo("1");
    assertThat(read(outcome.log())).isEqualTo("it");
  }

  @Test
  void keyThatNobodyAsksForIsForgottenAndItsNumbersAreNot() {
    end("old", AttemptEnd.succeeded(null), "old");
    end("used", AttemptEnd.succeeded(null), "used");
    Lease running = run("running");
    unused("181 days");
    ask("used");

    sweep();

    assertThat(builds().find(new BuildKey("old"))).isEmpty();
    assertThat(builds().find(new BuildKey("used"))).isPresent();
    assertThat(builds().find(new BuildKey("running"))).isPresent();
    assertThat(removed("builds")).isEqualTo(1);
    assertThat(count("SELECT count(*) FROM changes WHERE key = 'old' AND kind = 'removed'"))
        .isOne();
    assertThat(count("SELECT count(*) FROM logs")).isEqualTo(2);
    assertThat(end("old", AttemptEnd.succeeded(null), "new").number()).isEqualTo(2);
    assertThat(context.get(Attempts.class).publish(running, AttemptEnd.succeeded(null))).isTrue();
  }

  @Test
  void keyIsKeptForAsLongAsItSays() {
    end("k", AttemptEnd.succeeded(null), "it");
    unused("180 days");

    sweep();

    assertThat(builds().find(new BuildKey("k"))).isPresent();
  }

  @Test
  void leastRecentlyUsedLogsMakeRoomAndOutcomesStay() {
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      end(key, AttemptEnd.succeeded(null), noise(LOG));
    }
    sweep();
    assertThat(logsThatAreGone()).containsExactly("a", "b", "c");
    unused("2 hours");
    ask("d");
    end("g", AttemptEnd.succeeded(null), noise(LOG));
    end("h", AttemptEnd.succeeded(null), noise(LOG));

    sweep();

    assertThat(logsThatAreGone()).containsExactly("a", "b", "c", "e", "f");
    assertThat(
            count(
                "SELECT count(*) FROM log_chunks WHERE log_id IN (SELECT id FROM logs WHERE removed_at IS NOT NULL)"))
        .isZero();
    assertThat(ask("e")).isInstanceOf(Answer.Hit.class);
    assertThat(build("e").outcome().logged().removed()).isTrue();
    assertThat(removed("logs")).isEqualTo(5);
  }

  @Test
  void readerInMidLogGetsNoWrongByteBeforeItIsCutOff() {
    String text = noise(3_000_000);
    LogId log = end("k", AttemptEnd.succeeded(null), text).log();
    StringBuilder got = new StringBuilder();

    try (LogTail tail = context.get(Logs.class).tail(log, () -> {})) {
      assertThatThrownBy(
              () -> {
                while (got.length() < text.length()) {
                  Piece.Kept piece = (Piece.Kept) tail.read(got.length(), 50_000);
                  got.append(
                      new String(
                          piece.array(),
                          piece.from(),
                          piece.length(),
                          StandardCharsets.ISO_8859_1));
                  if (got.length() == 100_000) {
                    sweep();
                  }
                }
              })
          .isInstanceOf(LogRemoved.class);
    }

    assertThat(got).hasSizeGreaterThanOrEqualTo(100_000);
    assertThat(text).startsWith(got);
  }

  @Test
  void oldChangesGoTheOldestFirst() {
    for (int i = 0; i < 4; i++) {
      end("k" + i, AttemptEnd.succeeded(null), "it");
    }
    context
        .jdbc()
        .sql("UPDATE changes SET changed_at = changed_at - interval '31 days' WHERE revision < 4")
        .update();

    sweep();

    assertThat(context.jdbc().sql("SELECT revision FROM changes").query(Long.class).list())
        .containsExactly(4L);
    end("k", AttemptEnd.succeeded(null), "it");
    assertThat(build("k").revision()).isEqualTo(5);
  }

  @Test
  void severalSweepAtOnce() throws Exception {
    for (int i = 0; i < 30; i++) {
      end("old" + i, AttemptEnd.succeeded(null), "it");
      end("log" + i, AttemptEnd.succeeded(null), noise(LOG / 2));
    }
    context.get(Uses.class).store();
    context
        .jdbc()
        .sql("UPDATE builds SET used_at = used_at - interval '1 year' WHERE key LIKE 'old%'")
        .update();
    try (ExecutorService replicas = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> sweeps = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        sweeps.add(replicas.submit(this::sweep));
      }
      for (Future<?> each : sweeps) {
        each.get();
      }
    }
    sweep(); // as the next turn does: one who finds another at it leaves the rest to him

    assertThat(count("SELECT count(*) FROM builds WHERE deleted_at IS NOT NULL")).isEqualTo(30);
    assertThat(removed("builds")).isEqualTo(30);
    assertThat(count("SELECT count(*) FROM changes WHERE kind = 'removed'")).isEqualTo(30);
    assertThat(logsThatAreGone()).hasSizeBetween(22, 23);
    assertThat(Invariants.broken(context.jdbc())).isEmpty();
  }

  @Test
  void asksAreAnsweredAsBeforeWhileMuchIsForgotten() throws Exception {
    int keys = Integer.getInteger("unused", 3000);
    end("hit", AttemptEnd.succeeded(null), "it");
    long[] quiet = hits(() -> LockSupport.parkNanos(2_000_000_000));
    seedUnused(keys);

    long[] busy = hits(this::sweep);

    System.out.printf(
        "hits alone: %d, p50 %.2f ms, p99 %.2f ms; while %d keys are forgotten: %d, p50 %.2f ms, p99 %.2f ms, max %.0f ms%n",
        quiet.length,
        at(quiet, 50),
        at(quiet, 99),
        keys,
        busy.length,
        at(busy, 50),
        at(busy, 99),
        at(busy, 100));
    assertThat(count("SELECT count(*) FROM builds WHERE deleted_at IS NULL")).isOne();
    assertThat(count("SELECT count(*) FROM logs")).isOne();
    // Had asks waited for the whole of it, which takes seconds, there were a handful of them. The
    // longest may be a machine that pauses.
    assertThat(at(busy, 99)).isLessThan(1000);
  }

  /**
   * Answers by hits from two callers, each as long as something goes on; sorted, in nanoseconds.
   */
  private long[] hits(Runnable meanwhile) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> other = threads.submit(meanwhile);
      List<Future<List<Long>>> callers =
          Stream.generate(() -> threads.submit(() -> hitsUntil(other))).limit(2).toList();
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> caller : callers) {
        all.addAll(caller.get());
      }
      other.get();
      return all.stream().mapToLong(Long::longValue).sorted().toArray();
    }
  }

  private List<Long> hitsUntil(Future<?> over) {
    List<Long> times = new ArrayList<>();
    do {
      long begin = System.nanoTime();
      assertThat(ask("hit")).isInstanceOf(Answer.Hit.class);
      times.add(System.nanoTime() - begin);
    } while (!over.isDone());
    return times;
  }

  private static double at(long[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }

  /** Keys of half a year ago, each with 40 KB of log in 4 chunks. */
  private void seedUnused(int keys) {
    context
        .jdbc()
        .sql(
            """
            WITH l AS (
              INSERT INTO logs (bytes, source_bytes, closed_at)
              SELECT 40000, 40000, clock_timestamp() FROM generate_series(1, :keys) RETURNING id),
            c AS (
              INSERT INTO log_chunks (log_id, first_byte, first_line, bytes, newlines, codec, data)
              SELECT id, n * 10000, 1, 10000, 0, 'plain', convert_to(left(repeat(md5(id::text || n), 313), 10000), 'UTF8')
              FROM l, generate_series(0, 3) AS n),
            b AS (
              INSERT INTO builds (key, builder, params, input_digest, title, requester, status, attempts, outcome,
                changed_at, used_at)
              SELECT 'unused-' || id, 'b', '{}', '', '', '', 'succeeded', 1, 1, now(), now() - interval '1 year' FROM l
              RETURNING id, key)
            INSERT INTO attempts (build_id, number, log_id, builder, builder_version, status, reason, requester,
              queued_at, started_at, finished_at)
            SELECT id, 1, substr(key, 8)::bigint, 'b', '', 'succeeded', 'missing', '', now(), now(), now() FROM b
            """)
        .param("keys", keys)
        .update();
  }

  private void sweep() {
    context.get(Retention.class).sweep(() -> true);
  }

  private Builds builds() {
    return context.get(Builds.class);
  }

  private Build build(String key) {
    return builds().find(new BuildKey(key)).orElseThrow();
  }

  private Answer ask(String key) {
    return builds()
        .ask(
            new BuildKey(key),
            new Ask("b", Map.of(), null, null, null, null, "tests", null, null, false));
  }

  private Lease run(String key) {
    assertThat(ask(key)).isInstanceOf(Answer.Started.class);
    Lease lease = context.get(Leases.class).pick("local", 1, HOLDER, HOME, TERM).getFirst();
    Attempts attempts = context.get(Attempts.class);
    assertThat(attempts.carry(lease)).isPresent();
    assertThat(attempts.run(lease, context.builders().find("b").orElseThrow(), HOME, null))
        .isTrue();
    return lease;
  }

  /** Has an attempt of a key run, write and end. */
  private Attempt end(String key, AttemptEnd end, String text) {
    Lease lease = run(key);
    Attempt attempt = build(key).active();
    var writer =
        new TestWriter(
            context
                .get(Logs.class)
                .writer(attempt.log(), lease.fence(), new LogLimit(100 << 20), Mask.none()));
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += 100_000) {
      writer.append(bytes, at, Math.min(bytes.length, at + 100_000));
    }
    writer.finish();
    assertThat(context.get(Attempts.class).publish(lease, end)).isTrue();
    return build(key).attempt();
  }

  private String read(LogId log) {
    try (LogTail tail = context.get(Logs.class).tail(log, () -> {})) {
      Piece.Kept piece = (Piece.Kept) tail.read(0, 1000);
      return new String(piece.array(), piece.from(), piece.length(), StandardCharsets.ISO_8859_1);
    }
  }

  /** What no codec makes smaller. */
  private static String noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    return new String(noise, StandardCharsets.ISO_8859_1);
  }

  private List<Integer> numbers(String key) {
    return builds().attempts(build(key), Integer.MAX_VALUE, 100).stream()
        .map(Attempt::number)
        .toList();
  }

  /** Nobody asked for any key for so long. */
  private void unused(String time) {
    context.get(Uses.class).store();
    context.jdbc().sql("UPDATE builds SET used_at = used_at - interval '" + time + "'").update();
  }

  private List<String> logsThatAreGone() {
    return context
        .jdbc()
        .sql(
            """
            SELECT key FROM builds JOIN attempts ON build_id = builds.id JOIN logs ON logs.id = log_id
            WHERE removed_at IS NOT NULL ORDER BY key
            """)
        .query(String.class)
        .list();
  }

  private long count(String sql) {
    return context.jdbc().sql(sql).query(Long.class).single();
  }

  private double removed(String kind) {
    return context.get(MeterRegistry.class).counter("buildonce.keep.removed", "kind", kind).count();
  }
}
