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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of builds when their service is killed with KILL, or told to stop. */
class CrashIT {
  private static ServiceProcess service;
  private static RealBuilds builds;

  @TempDir private Path files;

  private final String key = "crash-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    service =
        ServiceProcess.builder()
            .home(
                RealBuilds.home(
                    Map.of(
                        "once-more", script("retries: 1\ngrace: 1s\n"),
                        "one", script("pool: one\n"))))
            .arguments(
                "--buildonce.lease-term=3s",
                "--buildonce.pools.one.max=1",
                "--buildonce.pools.one.shutdown-timeout=1s",
                "--buildonce.pools.local.shutdown-timeout=1s")
            .start();
    builds = new RealBuilds(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void killedServiceComesBackAndBringsAllToAnEnd() throws Exception {
    // The next attempt of this key would find the lock held by what is left of the first.
    String script = alone() + "echo begin; [ $BUILD_ATTEMPT != 1 ] || sleep 600; echo done";
    var text = follow(key, script);
    awaitRunning(key, 1);
    var queued = builds.ask(key + "-queued", "", "one", Map.of("script", "echo ran"));
    assertThat(status(queued.json())).isEqualTo("queued");
    await().until(() -> builds.look(key).path("waiters").asInt() == 1);

    service.kill9();
    assertThatThrownBy(text::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(UncheckedIOException.class);
    service.restart();
    Reply again = follow(key, script).join();

    assertThat(again.header("Cache-Status")).startsWith("buildonce; ");
    assertThat(again.text()).contains("\ndone\nbuildonce: succeeded");
    JsonNode first = builds.attempt(key, 1);
    assertThat(status(first)).isEqualTo("lost");
    assertThat(failure(first)).contains("it is tried again");
    assertThat(first.path("next").asInt()).isEqualTo(2);
    assertThat(builds.attempt(key, 2).path("reason").asString()).isEqualTo("retry");
    assertThat(builds.attempt(key, 2).path("log").path("complete").asBoolean()).isTrue();
    assertThat(builds.client().get("/builds/" + key + "/attempts/1/log").text())
        .isEqualTo("begin\n");
    JsonNode ran = builds.run(key + "-queued", "one", "echo ran");
    assertThat(status(ran)).isEqualTo("succeeded");
    assertThat(ran.path("number").asInt()).isEqualTo(1);
    assertAlone(2);
  }

  @Test
  void chainOfCrashesEndsAfterThreeThatAreFreeAndTheRetriesOfTheBuilder() throws Exception {
    String script = alone() + "case $BUILD_ATTEMPT in [1-4]) sleep 600 ;; 5) kill -9 $$ ;; esac";
    builds.ask(key, "", "once-more", Map.of("script", script));
    for (int number = 1; number <= 4; number++) {
      awaitRunning(key, number);
      int started = number;
      await().atMost(Duration.ofSeconds(20)).until(() -> starts().size() == started);
      service.kill9();
      service.restart();
    }

    Reply waited = builds.client().get("/builds/" + key + "?wait=30&expect=success");
    assertThat(waited.status()).isEqualTo(424);
    JsonNode last = builds.look(key).path("attempt");
    assertThat(last.path("number").asInt()).isEqualTo(5);
    assertThat(status(last)).isEqualTo("errored");
    assertThat(last.path("next").isNull()).isTrue();
    for (int number = 1; number <= 4; number++) {
      assertThat(status(builds.attempt(key, number))).isEqualTo("lost");
      assertThat(builds.attempt(key, number).path("next").asInt()).isEqualTo(number + 1);
    }

    Reply anew = builds.ask(key, "?wait=60", "once-more", Map.of("script", script));
    assertThat(anew.status()).isEqualTo(200);
    assertThat(attempt(anew).path("number").asInt()).isEqualTo(6);
    assertAlone(6);
  }

  @Test
  void processesOfAKilledServiceAreEndedAfterATermAlsoWithoutARestart() throws Exception {
    Fugitives fugitives = new Fugitives(files);
    builds.ask(key, "", "once-more", Map.of("script", fugitives.script() + "sleep 600"));
    fugitives.awaitLoose();

    service.kill9();

    fugitives.awaitNoneLeft(key, Duration.ofSeconds(20));
    service.restart();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> status(builds.attempt(key, 1)).equals("lost"));
  }

  @Test
  void processesOfAKilledServiceAreEndedBeforeTheSuccessorStarts() throws Exception {
    Fugitives fugitives = new Fugitives(files);
    String script =
        "[ $BUILD_ATTEMPT = 1 ] || exit 0\n" + alone() + fugitives.script() + "sleep 600";
    builds.ask(key, "", "once-more", Map.of("script", script));
    fugitives.awaitLoose();

    service.kill9();
    service.restart();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> status(builds.look(key)).equals("succeeded"));
    fugitives.assertNoneLeft(key);
  }

  @Test
  void stoppedServiceEndsWhatStillRunsAsLostAndTheNextLifeTriesItAgain() throws Exception {
    Fugitives fugitives = new Fugitives(files);
    String script = "[ $BUILD_ATTEMPT = 1 ] || exit 0\n" + fugitives.script() + "sleep 600";
    builds.ask(key, "", "once-more", Map.of("script", script));
    fugitives.awaitLoose();

    service.stop();

    fugitives.assertNoneLeft(key);
    service.restart();
    Reply waited = builds.client().get("/builds/" + key + "?wait=30");
    assertThat(status(waited.json())).isEqualTo("succeeded");
    assertThat(status(builds.attempt(key, 1))).isEqualTo("lost");
    assertThat(failure(builds.attempt(key, 1))).contains("The service was stopped");
  }

  private CompletableFuture<Reply> follow(String key, String script) {
    return CompletableFuture.supplyAsync(
        () ->
            builds.ask(
                key,
                "?expect=success",
                "one",
                Map.of("script", script),
                Map.of("Accept", "text/plain")));
  }

  private static void awaitRunning(String key, int number) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode attempt = builds.look(key).path("attempt");
              return attempt.path("number").asInt() == number && status(attempt).equals("running");
            });
  }

  /** Lines that take a lock which every process of the build holds as long as it lives. */
  private String alone() {
    return """
    exec 9> %1$s/lock
    flock -n 9 || echo $BUILD_ATTEMPT >> %1$s/overlaps
    echo $BUILD_ATTEMPT >> %1$s/starts
    """
        .formatted(files);
  }

  private List<String> starts() throws IOException {
    Path starts = files.resolve("starts");
    return Files.exists(starts) ? Files.readAllLines(starts) : List.of();
  }

  private void assertAlone(int starts) throws IOException {
    assertThat(starts()).hasSize(starts);
    assertThat(files.resolve("overlaps")).doesNotExist();
  }
}
