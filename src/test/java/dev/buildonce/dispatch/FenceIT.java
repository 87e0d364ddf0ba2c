package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.script;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import dev.buildonce.database.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two services on one database, of which one is paused, cut off, or silent for longer than a term.
 */
class FenceIT {
  private static final Duration TERM = Duration.ofSeconds(3);
  private static final Duration LONG = Duration.ofSeconds(60);

  private static TestDatabase database;
  private static Line line;
  private static Line otherLine;
  private static ServiceProcess service;
  private static ServiceProcess other;
  private static RealBuilds builds;
  private static RealBuilds otherBuilds;

  @TempDir private Path files;
  private Alone alone;

  private final String key = "fence-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws IOException {
    database = TestDatabase.migrated();
    int port = Integer.parseInt(database.url().replaceAll(".*:(\\d+)/.*", "$1"));
    line = new Line(port);
    otherLine = new Line(port);
    service = service(line.port());
    other = service(otherLine.port());
    builds = new RealBuilds(service.url());
    otherBuilds = new RealBuilds(other.url());
  }

  private static ServiceProcess service(int databasePort) {
    return ServiceProcess.builder()
        .home(RealBuilds.home(Map.of("plain", script("grace: 1s\n"))))
        .arguments(
            "--spring.datasource.url="
                + database.url().replaceAll("//.*/", "//127.0.0.1:" + databasePort + "/"),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password(),
            "--buildonce.lease-term=" + TERM.toSeconds() + "s")
        .start();
  }

  @AfterAll
  static void stop() throws IOException {
    service.close();
    other.close();
    line.close();
    otherLine.close();
    database.close();
  }

  @BeforeEach
  void alone() {
    alone = new Alone(files);
  }

  /** Whatever a test left that failed. */
  @AfterEach
  void mend() throws IOException {
    for (ServiceProcess each : List.of(service, other)) {
      Parts.signal("CONT", each.pid());
    }
    line.mend();
    otherLine.mend();
  }

  @Test
  void pausedHolderIsSucceededAndChangesNothingAfterwards() throws Exception {
    askHere(counting() + "echo ended $BUILD_ATTEMPT");
    CompletableFuture<Reply> waiting = waiting(builds);

    Parts.signal("STOP", service.pid());
    awaitRunning(otherBuilds, 2);
    String stored = log(1);
    Parts.signal("CONT", service.pid());

    // It goes on with its own attempt, whose lease is gone, before anything else happens.
    await().atMost(LONG).until(() -> builds.look(key).path("attempt").path("number").asInt() == 2);
    String lost =
        "Attempt %1$d: (The lease of attempt %1$d was taken|Log \\S+ takes no more bytes)"
            .formatted(attemptId());
    await().atMost(LONG).until(() -> Pattern.compile(lost).matcher(service.output()).find());
    Files.createFile(files.resolve("go"));
    assertThat(status(waiting.join().json())).isEqualTo("succeeded");
    assertThat(waiting.join().json().path("attempt").path("number").asInt()).isEqualTo(2);
    assertThat(log(2)).endsWith("ended 2\n");
    assertThat(log(1)).isEqualTo(stored);
    JsonNode first = otherBuilds.attempt(key, 1);
    assertThat(status(first)).isEqualTo("lost");
    assertThat(first.path("next").asInt()).isEqualTo(2);
    assertThat(first.path("log").path("complete").asBoolean()).isTrue();
    alone.check(2);
    await().atMost(LONG).until(() -> isEmpty(service.home().resolve("spools")));
  }

  @Test
  void holderThatWasCutOffTakesItsBuildBackBeforeItIsRetriedElsewhere() throws Exception {
    askHere(counting() + "echo end $i");
    CompletableFuture<Reply> waiting = waiting(otherBuilds);

    line.swallow();
    await()
        .atMost(LONG)
        .until(
            () ->
                otherBuilds
                    .look(key)
                    .path("attempt")
                    .path("pendingReason")
                    .asString("")
                    .contains("a service that is silent"));
    // So that the time that it leaves the holder suffices whatever the machine does.
    Parts.signal("STOP", other.pid());
    line.mend();
    await()
        .atMost(LONG)
        .until(() -> builds.look(key).path("attempt").path("pendingReason").isNull());
    Parts.signal("CONT", other.pid());
    Files.createFile(files.resolve("go"));

    assertWhole(waiting);
  }

  @Test
  void outageLongerThanATermLosesNoLease() throws Exception {
    askHere(counting() + "echo end $i");
    CompletableFuture<Reply> waiting = waiting(otherBuilds);

    line.cut();
    otherLine.cut();
    long until = System.nanoTime() + TERM.multipliedBy(2).toNanos();
    await().atMost(LONG).until(() -> System.nanoTime() > until);
    otherLine.mend();
    await().atMost(LONG).until(() -> status(otherBuilds.look(key)).equals("running"));
    line.mend();
    await().atMost(LONG).until(() -> status(builds.look(key)).equals("running"));
    Files.createFile(files.resolve("go"));

    assertWhole(waiting);
  }

  @Test
  void supervisorEndsWhatItsServiceLostTheLeaseOf() throws Exception {
    Fugitives fugitives = new Fugitives(files);
    askHere(fugitives.script() + "sleep 600");
    fugitives.awaitLoose();

    int taken =
        database
            .jdbc()
            .sql(
                """
                UPDATE leases SET holder = :stranger, home = :stranger, fence = fence + 1,
                  expires_at = clock_timestamp() + interval '1 hour'
                WHERE holder IS NOT NULL AND attempt_id = :attempt
                """)
            .param("stranger", UUID.randomUUID())
            .param("attempt", attemptId())
            .update();

    assertThat(taken).isOne();
    fugitives.awaitNoneLeft(key, LONG);
    assertThat(status(builds.look(key))).isEqualTo("running");
    database
        .jdbc()
        .sql(
            """
            UPDATE leases SET expires_at = clock_timestamp(), stop = 'cancelled'
            WHERE attempt_id = :attempt
            """)
        .param("attempt", attemptId())
        .update();
    assertThat(builds.client().post("/builds/" + key + "/cancel").status()).isEqualTo(202);
    await().atMost(LONG).until(() -> status(builds.attempt(key, 1)).equals("cancelled"));
  }

  @Test
  void buildsOfAServiceThatIsAwayForATermAreEndedAndThoseThatEndedByThemselvesKeepTheirEnd()
      throws Exception {
    Fugitives fugitives = new Fugitives(files);
    try (TestDatabase own = TestDatabase.migrated();
        ServiceProcess alone =
            ServiceProcess.builder()
                .arguments(own.arguments())
                .arguments("--buildonce.lease-term=" + TERM.toSeconds() + "s")
                .start()) {
      RealBuilds there = new RealBuilds(alone.url());
      String script = "[ $BUILD_ATTEMPT = 1 ] || exit 0\n" + fugitives.script() + "sleep 600";
      there.start(key, "shell", script);
      String brief = "echo begin; while [ ! -e %s/go ]; do sleep 0.05; done; echo end; exit 7";
      there.start(key + "-itself", "shell", brief.formatted(files));
      fugitives.awaitLoose();
      await().atMost(LONG).until(() -> there.log(key + "-itself").equals("begin\n"));

      alone.kill9();
      Files.createFile(files.resolve("go"));

      fugitives.awaitNoneLeft(key, LONG);
      await().atMost(LONG).until(() -> new Parts(alone).supervisors().isEmpty());
      alone.restart();
      JsonNode retried = there.end(key).json();
      assertThat(status(retried)).isEqualTo("succeeded");
      assertThat(status(there.attempt(key, 1))).isEqualTo("lost");
      assertThat(there.attempt(key, 1).path("next").asInt()).isEqualTo(2);
      JsonNode itself = there.end(key + "-itself").json();
      assertThat(status(itself)).isEqualTo("failed");
      assertThat(itself.path("attempt").path("number").asInt()).isOne();
      assertThat(itself.path("attempt").path("exitCode").asInt()).isEqualTo(7);
      assertThat(there.log(key + "-itself")).isEqualTo("begin\nend\n");
    }
  }

  private void assertWhole(CompletableFuture<Reply> waiting) throws IOException {
    assertThat(status(waiting.join().json())).isEqualTo("succeeded");
    assertThat(waiting.join().json().path("attempt").path("number").asInt()).isOne();
    List<String> lines = log(1).lines().toList();
    assertThat(lines.subList(0, lines.size() - 1))
        .containsExactlyElementsOf(
            IntStream.range(1, lines.size()).mapToObj(i -> "line " + i).toList());
    assertThat(lines.getLast()).isEqualTo("end " + (lines.size() - 1));
    alone.check(1);
  }

  /** Has a build run on the first service. */
  private void askHere(String script) {
    Parts.signal("STOP", other.pid());
    builds.start(key, "plain", alone.script() + script);
    awaitRunning(builds, 1);
    Parts.signal("CONT", other.pid());
    await().atMost(LONG).until(() -> status(otherBuilds.look(key)).equals("running"));
  }

  private void awaitRunning(RealBuilds where, int number) {
    await()
        .atMost(LONG)
        .until(
            () -> {
              JsonNode attempt = where.look(key).path("attempt");
              return attempt.path("number").asInt() == number && status(attempt).equals("running");
            });
  }

  private CompletableFuture<Reply> waiting(RealBuilds where) {
    CompletableFuture<Reply> reply =
        CompletableFuture.supplyAsync(() -> where.end(key), Thread::startVirtualThread);
    await().until(() -> where.look(key).path("waiters").asInt() == 1);
    return reply;
  }

  /** Of its first attempt. */
  private long attemptId() {
    return database
        .jdbc()
        .sql(
            """
            SELECT id FROM attempts
            WHERE number = 1 AND build_id = (SELECT id FROM builds WHERE key = :key)
            """)
        .param("key", key)
        .query(Long.class)
        .single();
  }

  private String log(int number) {
    return otherBuilds
        .client()
        .get("/builds/" + key + "/attempts/" + number + "/log?follow=false")
        .text();
  }

  /** Lines of a script that write numbered lines until the test says go. */
  private String counting() {
    return "i=0; while [ ! -e %s ]; do i=$((i+1)); echo line $i; sleep 0.01; done\n"
        .formatted(files.resolve("go"));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }
}
