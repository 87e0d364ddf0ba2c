package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.attempt;
import static dev.buildonce.dispatch.RealBuilds.failure;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import dev.buildonce.builds.Gated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who runs when, how many at a time, and for how long, against the running jar. */
class QueueIT {
  @TempDir private Path files;

  private final RealBuilds builds = RealService.builds();
  private final String key = "queue-" + UUID.randomUUID();

  @Test
  void queueGoesByPriorityThenByAgeAndSaysHowManyAreAhead() throws Exception {
    block("one");
    for (var build : List.of("a:0", "b:0", "c:10", "d:-5", "e:10")) {
      enqueue(build.substring(0, 1), Integer.parseInt(build.substring(2)));
    }

    assertThat(pending("d")).isEqualTo("4 ahead in pool one");
    assertThat(pending("a")).isEqualTo("2 ahead in pool one");
    assertThat(pending("c")).isEqualTo("waiting for a runner of pool one");
    Reply joined = enqueue("d", 20);
    assertThat(joined.header("Cache-Status")).endsWith("collapsed");
    assertThat(pending("d")).isEqualTo("waiting for a runner of pool one");
    assertThat(enqueue("d", -20).status()).isEqualTo(202);
    assertThat(pending("d")).isEqualTo("waiting for a runner of pool one");

    release();
    await().atMost(Duration.ofSeconds(30)).until(() -> order().size() == 5);
    assertThat(order()).containsExactly("d", "c", "e", "a", "b");
  }

  private List<String> order() throws IOException {
    Path order = files.resolve("order");
    return Files.exists(order) ? Files.readAllLines(order) : List.of();
  }

  private Reply enqueue(String name, int priority) {
    return builds.ask(
        key + name,
        "",
        "one",
        Map.of("script", "echo " + name + " >> " + files.resolve("order")),
        Map.of("priority", priority));
  }

  private String pending(String name) {
    return builds.look(key + name).path("attempt").path("pendingReason").asString("");
  }

  /** Takes the only runner of a pool until {@link #release}. */
  private void block(String builder) {
    String script = new Gated(files).script("go");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              // Asked for anew each time, as it may be too long in the queue itself.
              builds.start(key + "-block", builder, script);
              return status(builds.look(key + "-block")).equals("running");
            });
  }

  private void release() throws IOException {
    new Gated(files).open("go");
  }

  @Test
  void queueTimeoutEndsAnAttemptThatNoRunnerTookAndSaysWhy() throws Exception {
    block("brief");

    Reply reply = builds.ask(key, "?wait=30", "brief", Map.of("script", "true"));

    assertThat(reply.status()).isEqualTo(424);
    assertThat(status(attempt(reply))).isEqualTo("timed-out");
    assertThat(failure(attempt(reply))).contains("No runner of pool brief", "queue timeout");
    assertThat(attempt(reply).path("startedAt").isNull()).isTrue();
    assertThat(attempt(reply).path("next").isNull()).isTrue();
    release();
    assertThat(
            builds.ask(key, "?wait=30", "brief", Map.of("script", "true")).header("Cache-Status"))
        .isEqualTo("buildonce; fwd=miss");
  }

  @Test
  void fullQueueRefusesWhatItWouldHaveToStartAndNothingElse() throws Exception {
    block("small");
    builds.start(key + "1", "small", "true");
    builds.start(key + "2", "small", "true");

    Reply refused = builds.ask(key + "3", "", "small", Map.of("script", "true"));
    Reply joined = builds.ask(key + "2", "", "small", Map.of("script", "true"));

    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.problem()).isEqualTo("queue-full");
    assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
    assertThat(builds.client().get("/builds/" + key + "3").status()).isEqualTo(404);
    assertThat(joined.status()).isEqualTo(202);
    release();
    assertThat(builds.ask(key + "2", "?wait=30", "small", Map.of("script", "true")).status())
        .isEqualTo(200);
  }

  @Test
  void runTimeoutOfTheAskEndsTheAttempt() {
    builds.run(key + "-before", "plain", "true"); // has the supervisor run
    Reply reply =
        builds.ask(
            key,
            "?wait=30",
            "plain",
            Map.of("script", "echo working; exec sleep 60"),
            Map.of("timeout", "3s"));

    assertThat(reply.status()).isEqualTo(424);
    assertThat(status(attempt(reply))).isEqualTo("timed-out");
    assertThat(failure(attempt(reply)))
        .isEqualTo("It ran longer than its timeout of 3 s and was ended");
    assertThat(attempt(reply).path("exitCode").isNull()).isTrue();
    assertThat(attempt(reply).path("next").isNull()).isTrue();
    assertThat(attempt(reply).path("runSeconds").asDouble()).isBetween(3.0, 30.0);
    assertThat(builds.log(key)).isEqualTo("working\n");
  }

  @Test
  void joinerRaisesTheTimeoutOfARunningAttempt() {
    Map<String, String> params = Map.of("script", "sleep 7; echo in time");
    builds.ask(key, "", "plain", params, Map.of("timeout", "6s"));
    await().atMost(Duration.ofSeconds(20)).until(() -> status(builds.look(key)).equals("running"));
    builds.ask(key, "", "plain", params, Map.of("timeout", "1s"));

    Reply joined = builds.ask(key, "?wait=30", "plain", params, Map.of("timeout", "20s"));

    assertThat(joined.status()).isEqualTo(200);
    assertThat(attempt(joined).path("number").asInt()).isOne();
    assertThat(builds.log(key)).isEqualTo("in time\n");
  }

  @Test
  void poolNeverRunsMoreThanItsMaxAtATime() throws Exception {
    Path stamps = files.resolve("stamps");
    String script = "echo + >> %1$s; sleep 0.1; echo - >> %1$s".formatted(stamps);
    IntStream.range(0, 40)
        .parallel()
        .forEach(
            i -> builds.ask(key + i, "", "pair", Map.of("script", script), Map.of("priority", i)));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.exists(stamps) && Files.readAllLines(stamps).size() == 80);

    int running = 0;
    int most = 0;
    for (String stamp : Files.readAllLines(stamps)) {
      running += stamp.equals("+") ? 1 : -1;
      most = Math.max(most, running);
    }
    assertThat(most).isEqualTo(2);
    assertThat(running).isZero();
  }

  @Test
  void attemptsOfOneKeyAreCountedAndListed() {
    builds.run(key, "plain", "exit 75");
    builds.run(key, "plain", "exit 75");

    JsonNode attempts = builds.client().get("/builds/" + key + "/attempts").json().path("attempts");
    assertThat(attempts.valueStream().map(each -> each.path("number").asInt()))
        .containsExactly(2, 1);
  }
}
