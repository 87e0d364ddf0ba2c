package dev.buildonce.views;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.TestDatabase;
import dev.buildonce.builds.StandingOutcomes;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What stands, told while it changes. */
class InitialStateTests {
  private static final int BUILDS = 2500;

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcClient jdbc = database.jdbc();
  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext();
  private final Map<String, String> told = new TreeMap<>();
  private final Set<String> seen = new HashSet<>();

  InitialStateTests() {
    context.registerBean(JdbcClient.class, () -> jdbc);
    context.register(Revisions.class, StandingOutcomes.class);
    context.refresh();
  }

  @AfterEach
  void close() {
    context.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void stateIsExactlyThatOfItsRevisionWhateverChangesMeanwhile(int seed) throws IOException {
    for (int build = 1; build <= BUILDS; build++) {
      outcome(build, "succeeded");
    }
    var random = new Random(seed);
    var revisions = context.getBean(Revisions.class);
    int[] count = {0};

    long end =
        state()
            .tell(
                revisions.current(),
                (revision, change) -> {
                  note(revision, change);
                  if (count[0]++ % 25 == 0) {
                    change(random);
                  }
                  return true;
                });
    long told = end;
    var later = revisions.after(told, 100_000);
    for (var each : later) {
      note(each.revision(), each.change());
    }

    assertThat(end).isGreaterThan(BUILDS + 50);
    assertThat(this.told).isEqualTo(standing());
  }

  @Test
  void builtNothingStandsForNothing() throws IOException {
    assertThat(state().tell(0, (_, _) -> true)).isZero();
  }

  private InitialState state() {
    return new InitialState(
        context.getBean(StandingOutcomes.class), context.getBean(Revisions.class));
  }

  /** Applies what is told as a client does; nothing is told twice. */
  private void note(long revision, Change change) {
    assertThat(seen.add(revision + " " + change.key() + " " + change.kind())).isTrue();
    switch (change.kind()) {
      case OUTCOME -> told.put(change.key(), change.attempt() + " " + change.status());
      case REBUILD_REQUESTED -> told.compute(change.key(), (_, now) -> now + " flagged");
      case REMOVED -> told.remove(change.key());
      case ENDED -> {}
    }
  }

  private Map<String, String> standing() {
    var standing = new TreeMap<String, String>();
    jdbc.sql(
            """
            SELECT key, outcome || ' ' || a.status || CASE WHEN rebuild_at IS NULL THEN '' ELSE ' flagged' END AS told
            FROM builds AS b JOIN attempts AS a ON a.build_id = b.id AND a.number = b.outcome
            WHERE b.deleted_at IS NULL
            """)
        .query(
            row -> {
              standing.put(row.getString("key"), row.getString("told"));
            });
    return standing;
  }

  private void change(Random random) {
    int build = random.nextInt(1, BUILDS + 50);
    switch (random.nextInt(4)) {
      case 0, 1 -> outcome(build, random.nextBoolean() ? "succeeded" : "failed");
      case 2 ->
          publish(
              "UPDATE builds SET rebuild_at = now(), revision = :revision WHERE key = :key"
                  + " AND outcome IS NOT NULL AND rebuild_at IS NULL",
              build,
              Change.Kind.REBUILD_REQUESTED,
              null,
              null);
      default ->
          publish(
              "UPDATE builds SET deleted_at = now(), outcome = NULL, rebuild_at = NULL, revision = :revision"
                  + " WHERE key = :key AND deleted_at IS NULL",
              build,
              Change.Kind.REMOVED,
              null,
              null);
    }
  }

  private void outcome(int build, String status) {
    jdbc.sql(
            """
            INSERT INTO builds (key, builder, params, input_digest, title, requester, status, changed_at, used_at)
            VALUES (:key, 'shell', '{}', '', '', '', 'unbuilt', now(), now()) ON CONFLICT DO NOTHING
            """)
        .param("key", "k" + build)
        .update();
    int number =
        jdbc.sql(
                """
                WITH numbered AS (UPDATE builds SET attempts = attempts + 1 WHERE key = :key RETURNING id, attempts),
                  log AS (INSERT INTO logs DEFAULT VALUES RETURNING id)
                INSERT INTO attempts (build_id, number, log_id, builder, builder_version, status, reason, requester,
                  queued_at, finished_at)
                SELECT numbered.id, attempts, log.id, 'shell', '', :status, 'missing', '', now(), now()
                FROM numbered, log RETURNING number
                """)
            .param("key", "k" + build)
            .param("status", status)
            .query(Integer.class)
            .single();
    publish(
        "UPDATE builds SET outcome = attempts, rebuild_at = NULL, deleted_at = NULL, revision = :revision"
            + " WHERE key = :key",
        build,
        Change.Kind.OUTCOME,
        number,
        status);
  }

  /** Does it if it changes anything, with its revision in the same step. */
  private void publish(String sql, int build, Change.Kind kind, Integer attempt, String status) {
    String key = "k" + build;
    var revisions = context.getBean(Revisions.class);
    database
        .transactions()
        .run(
            () -> {
              int changed =
                  jdbc.sql(sql)
                      .param("key", key)
                      .param("revision", revisions.current() + 1)
                      .update();
              if (changed == 1) {
                long id =
                    jdbc.sql("SELECT id FROM builds WHERE key = :key")
                        .param("key", key)
                        .query(Long.class)
                        .single();
                revisions.publish(List.of(new Change(id, key, kind, attempt, status)));
              }
            });
  }
}
