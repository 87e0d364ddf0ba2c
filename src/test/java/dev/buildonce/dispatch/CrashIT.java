package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.attempt;
import static dev.buildonce.dispatch.RealBuilds.failure;
import static dev.buildonce.dispatch.RealBuilds.script;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What becomes of builds when processes of the service are killed with KILL. */
class CrashIT {
  private static final String TOKEN = "abcdefgh12345678";

  @TempDir private static Path secrets;

  private static ServiceProcess service;
  private static Parts parts;
  private static RealBuilds builds;

  @TempDir private Path files;
  private Alone alone;

  private final String key = "crash-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(secrets.resolve("token"), TOKEN);
    service =
        ServiceProcess.builder()
            .home(
                RealBuilds.home(
                    Map.of(
                        "plain",
                        script("pool: wide\n"),
                        "once-more",
                        script("retries: 1\ngrace: 1s\npool: wide\n"),
                        "secret",
                        script(
                            "pool: wide\nenv: { TOKEN: { file: %s } }\n"
                                .formatted(secrets.resolve("token"))),
                        "one",
                        script("pool: one\n"))))
            .arguments(
                // Longer than a restart takes on a busy machine.
                "--buildonce.lease-term=120s",
                "--buildonce.pools.wide.max=10",
                "--buildonce.pools.one.max=1")
            .start();
    parts = new Parts(service);
    builds = new RealBuilds(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void alone() {
    alone = new Alone(files);
  }

  @BeforeEach
  void restartAfterATestThatFailed() {
    if (!service.isAlive()) {
      service.restart();
    }
  }

  @Test
  void killedServiceAdoptsItsBuildsAndNobodySeesThatItWasAway() throws Exception {
    String counting =
        alone.script() + counting() + "echo '{\"last\": '$i'}' > $BUILD_VALUE; echo end";
    var text = follow(key, counting);
    awaitWritten(key, "line 10\n");
    ask("-queued", "one", "echo ran");
    ask("-late", "plain", untilKilled() + "echo late > $BUILD_VALUE; exit 3");
    ask(
        "-masked",
        "secret",
        "echo begin; printf %s ${TOKEN%????????}; "
            + untilGo()
            + "echo ${TOKEN#????????}; echo $TOKEN");
    ask("-timeout", "plain", "echo begin; sleep 600 & wait", Map.of("timeout", "1h"));
    ask("-cancelled", "plain", "echo begin; sleep 600");
    for (String suffix : List.of("-masked", "-timeout", "-cancelled")) {
      awaitWritten(key + suffix, "begin\n");
    }
    await().until(() -> status(builds.look(key + "-late")).equals("running"));

    parts.kill("service");
    Files.createFile(files.resolve("killed"));
    assertThatThrownBy(text::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(UncheckedIOException.class);
    // As if its hour were up: with a deadline that began anew it would go on for another one.
    int shifted =
        parts
            .database()
            .sql("UPDATE leases SET deadline = clock_timestamp() WHERE " + isOf("-timeout"))
            .update();
    assertThat(shifted).isOne();
    service.restart();

    var again = follow(key, counting);
    assertThat(builds.client().post("/builds/" + key + "-cancelled/cancel").status())
        .isEqualTo(202);
    JsonNode late = ended("-late");
    assertThat(status(late)).isEqualTo("failed");
    assertThat(late.path("exitCode").asInt()).isEqualTo(3);
    assertThat(status(builds.look(key))).isEqualTo("running");
    assertThat(status(builds.look(key + "-queued"))).isEqualTo("queued");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> builds.look(key).path("waiters").asInt() == 1);
    Files.createFile(files.resolve("go"));

    assertThat(again.join().header("Cache-Status")).endsWith("collapsed");
    assertThat(again.join().text()).contains("\nend\nbuildonce: succeeded");
    assertThat(builds.look(key).path("outcome").path("number").asInt()).isOne();
    int last = builds.look(key).path("outcome").path("value").path("last").asInt();
    assertThat(builds.log(key).lines())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, last + 1)
                .mapToObj(i -> i > last ? "end" : "line " + i)
                .toList());
    assertThat(status(ended("-queued"))).isEqualTo("succeeded");
    assertThat(status(ended("-masked"))).isEqualTo("succeeded");
    assertThat(builds.log(key + "-masked")).isEqualTo("begin\n***\n***\n");
    assertThat(status(ended("-timeout"))).isEqualTo("timed-out");
    assertThat(status(ended("-cancelled"))).isEqualTo("cancelled");
    for (String suffix : List.of("", "-late", "-masked", "-timeout", "-cancelled", "-queued")) {
      assertThat(builds.look(key + suffix).path("attempt").path("number").asInt()).isOne();
    }
    alone.check(1);
  }

  @Test
  void buildIsEndedWhenItsSecretChangedWhileTheServiceWasAway() throws Exception {
    ask(
        "",
        "secret",
        "[ $BUILD_ATTEMPT = 1 ] || exit 0; echo begin; printf %s ${TOKEN%????????}; sleep 600");
    awaitWritten(key, "begin\n");

    parts.kill("service");
    Files.writeString(secrets.resolve("token"), "another-" + TOKEN);
    service.restart();

    assertThat(status(ended(""))).isEqualTo("succeeded");
    Files.writeString(secrets.resolve("token"), TOKEN);
    assertThat(status(builds.attempt(key, 1))).isEqualTo("lost");
    assertThat(failure(builds.attempt(key, 1))).contains("a secret of that changed");
    assertThat(builds.client().get("/builds/" + key + "/attempts/1/log").text())
        .isEqualTo("begin\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"supervisor", "service supervisor", "service supervisor postgres"})
  void buildsWhoseSupervisorIsKilledAreLostAndTriedAgainWhenNothingOfThemIsLeft(String killed)
      throws Exception {
    Fugitives fugitives = new Fugitives(files);
    ask(
        "",
        "once-more",
        "[ $BUILD_ATTEMPT = 1 ] || exit 0\n" + alone.script() + fugitives.script() + "sleep 600");
    fugitives.awaitLoose();

    parts.kill(killed.split(" "));
    if (killed.startsWith("service")) {
      service.restart();
    }

    assertThat(status(ended(""))).isEqualTo("succeeded");
    fugitives.assertNoneLeft(key);
    assertThat(status(builds.attempt(key, 1))).isEqualTo("lost");
    assertThat(builds.attempt(key, 1).path("next").asInt()).isEqualTo(2);
    assertThat(builds.attempt(key, 2).path("reason").asString()).isEqualTo("retry");
    assertThat(files.resolve("overlaps")).doesNotExist();
  }

  @Test
  void killedPostgresIsStartedAgainAndNothingIsLost() throws Exception {
    String counting = alone.script() + counting() + "echo end $i";
    ask("", "plain", counting);
    awaitWritten(key, "line 10\n");
    long pid = parts.postgres().pid();
    Reply hit = builds.ask(key + "-hit", "?wait=30", "plain", Map.of("script", "true"));
    assertThat(hit.status()).isEqualTo(200);

    parts.kill("postgres");

    Reply away = builds.askOnce(key + "-hit", "plain", "true");
    assertThat(away.status()).isIn(200, 503);
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> builds.askOnce(key + "-hit", "plain", "true").status() == 200);
    assertThat(parts.postgres().pid()).isNotEqualTo(pid);
    Files.createFile(files.resolve("go"));
    assertThat(status(ended(""))).isEqualTo("succeeded");
    List<String> lines = builds.log(key).lines().toList();
    assertThat(lines.getLast()).isEqualTo("end " + (lines.size() - 1));
    assertThat(lines.subList(0, lines.size() - 1))
        .containsExactlyElementsOf(
            IntStream.range(1, lines.size()).mapToObj(i -> "line " + i).toList());
    alone.check(1);
  }

  @Test
  void chainOfCrashesEndsAfterThreeThatAreFreeAndTheRetriesOfTheBuilder() throws Exception {
    String script =
        alone.script() + "case $BUILD_ATTEMPT in [12]) sleep 600 ;; 3) kill -9 $$ ;; esac";
    ask("", "once-more", script);
    await().atMost(Duration.ofSeconds(30)).until(() -> alone.starts().size() == 1);
    // As if two crashes had gone before: each costs a restart.
    parts.database().sql("UPDATE attempts SET interrupted = 2 WHERE status = 'running'").update();
    for (int number = 1; number <= 2; number++) {
      int started = number;
      await().atMost(Duration.ofSeconds(30)).until(() -> alone.starts().size() == started);
      parts.kill("service", "supervisor");
      service.restart();
    }

    JsonNode last = ended("");
    assertThat(last.path("number").asInt()).isEqualTo(3);
    assertThat(status(last)).isEqualTo("errored");
    assertThat(failure(last)).contains("killed by SIGKILL");
    for (int number = 1; number <= 2; number++) {
      assertThat(status(builds.attempt(key, number))).isEqualTo("lost");
      assertThat(builds.attempt(key, number).path("next").asInt()).isEqualTo(number + 1);
    }
    assertThat(seconds("backoff_until - finished_at", 3)).isBetween(4 * 0.8, 4 * 1.2);
    Reply anew = builds.ask(key, "?wait=60", "once-more", Map.of("script", script));
    assertThat(anew.status()).isEqualTo(200);
    assertThat(attempt(anew).path("number").asInt()).isEqualTo(4);
    assertThat(
            seconds("started_at - (SELECT backoff_until FROM attempts WHERE " + isOurs(3) + ")", 4))
        .isNotNegative();
    alone.check(4);
  }

  /** An interval that the row of an attempt has. */
  private double seconds(String interval, int number) {
    return parts
        .database()
        .sql("SELECT extract(epoch FROM " + interval + ") FROM attempts WHERE " + isOurs(number))
        .query(Double.class)
        .single();
  }

  private String isOurs(int number) {
    return "number = " + number + " AND " + isOf("");
  }

  private String isOf(String suffix) {
    return "build_id = (SELECT id FROM builds WHERE key = '" + key + suffix + "')";
  }

  private void ask(String suffix, String builder, String script) {
    builds.start(key + suffix, builder, script);
  }

  private void ask(String suffix, String builder, String script, Map<String, Object> fields) {
    Reply reply = builds.ask(key + suffix, "", builder, Map.of("script", script), fields);
    assertThat(reply.status()).isEqualTo(202);
  }

  /** The attempt that ends the chain. */
  private JsonNode ended(String suffix) {
    return builds.end(key + suffix).json().path("attempt");
  }

  private CompletableFuture<Reply> follow(String key, String script) {
    return CompletableFuture.supplyAsync(
        () ->
            builds.ask(
                key,
                "?expect=success",
                "one",
                Map.of("script", script),
                Map.of("Accept", "text/plain")),
        Thread::startVirtualThread);
  }

  private static void awaitWritten(String key, String text) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> builds.log(key).contains(text));
  }

  /** Lines of a script that write numbered lines until the test says go. */
  private String counting() {
    return "i=0; while [ ! -e %s ]; do i=$((i+1)); echo line $i; sleep 0.005; done\n"
        .formatted(files.resolve("go"));
  }

  private String untilGo() {
    return "while [ ! -e %s ]; do sleep 0.05; done; ".formatted(files.resolve("go"));
  }

  private String untilKilled() {
    return "while [ ! -e %s ]; do sleep 0.05; done; ".formatted(files.resolve("killed"));
  }
}
