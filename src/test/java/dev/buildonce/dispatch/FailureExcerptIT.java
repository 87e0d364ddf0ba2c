package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.attempt;
import static dev.buildonce.dispatch.RealBuilds.script;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an attempt's document shows of the log of a failure. */
class FailureExcerptIT {
  private static final String PATTERNS =
      "error-patterns: [{pattern: 'BOOM \\d', score: 150}, {pattern: '^error', score: 0}]\n";

  @TempDir private static Path secrets;

  private static ServiceProcess service;
  private static RealBuilds builds;

  @TempDir private Path files;

  private final String key = "excerpt-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(secrets.resolve("token"), "abcdefgh12345678");
    service =
        ServiceProcess.builder()
            .home(
                RealBuilds.home(
                    Map.of(
                        "plain",
                        script("retries: 0\ngrace: 1s\n"),
                        "own",
                        script(PATTERNS),
                        "secret",
                        script("env: { TOKEN: { file: " + secrets.resolve("token") + " } }\n"))))
            .arguments("--buildonce.lease-term=120s")
            .start();
    builds = new RealBuilds(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void restartAfterATestThatFailed() {
    if (!service.isAlive()) {
      service.restart();
    }
  }

  @Test
  void errorInTheMiddleOfALongLogIsShownWithItsSurroundings() {
    JsonNode attempt =
        builds.run(key, "plain", "seq 25000; echo 'main.c:4:5: error: x'; seq 25000; exit 2");

    JsonNode excerpt = attempt.path("failureExcerpt");
    assertThat(status(attempt)).isEqualTo("failed");
    assertThat(excerpt.path("line").asInt()).isEqualTo(25_001);
    assertThat(excerpt.path("score").asInt()).isEqualTo(100);
    assertThat(lines(excerpt))
        .containsExactly(
            "24999:24999",
            "25000:25000",
            "25001:main.c:4:5: error: x",
            "25002:1",
            "25003:2",
            "25004:3",
            "25005:4",
            "25006:5");
    assertThat(attempt.path("failure").asString()).endsWith("(exit 2)");
    Reply page = builds.client().get(path + "/log/lines?from=25001&count=1");
    assertThat(page.json().path("lines").get(0).asString()).isEqualTo("main.c:4:5: error: x");
    assertThat(builds.look(key).path("outcome").path("failureExcerpt")).isEqualTo(excerpt);
    assertThat(builds.attempt(key, 1).path("failureExcerpt")).isEqualTo(excerpt);
    for (String list : new String[] {"/builds?prefix=" + key, path + "/attempts"}) {
      assertThat(builds.client().get(list).text()).contains(key).doesNotContain("failureExcerpt");
    }
  }

  @Test
  void onlyEndsThatTheBuildIsTheReasonOfHaveAnExcerpt() {
    String script = "echo error: no; ";
    JsonNode none = builds.run(key + "-none", "plain", "echo all is well; exit 1");
    JsonNode succeeded = builds.run(key + "-succeeded", "plain", script);
    JsonNode noVerdict = builds.run(key + "-no-verdict", "plain", script + "exit 75");
    JsonNode slow =
        attempt(
            builds.ask(
                key + "-slow",
                "?wait=60",
                "plain",
                // Not beside a shell, which may say that it was terminated.
                Map.of("script", script + "exec sleep 60"),
                Map.of("timeout", "3s")));
    builds.start(key + "-cancelled", "plain", script + "sleep 60");
    await().until(() -> builds.log(key + "-cancelled").contains("error"));
    builds.client().post(path + "-cancelled/cancel");
    JsonNode cancelled = attempt(builds.end(key + "-cancelled"));

    assertThat(status(none)).isEqualTo("failed");
    assertThat(none.has("failureExcerpt")).isTrue();
    assertThat(status(succeeded)).isEqualTo("succeeded");
    assertThat(status(cancelled)).isEqualTo("cancelled");
    for (JsonNode without : List.of(none, succeeded, cancelled)) {
      assertThat(without.path("failureExcerpt").isNull()).as(status(without)).isTrue();
    }
    assertThat(status(noVerdict)).isEqualTo("errored");
    assertThat(status(slow)).isEqualTo("timed-out");
    for (JsonNode with : List.of(noVerdict, slow)) {
      assertThat(lines(with.path("failureExcerpt")))
          .as(status(with))
          .containsExactly("1:error: no");
    }
  }

  @Test
  void removedLogIsNotQuotedAnyMore() {
    builds.run(key, "plain", "printf 'error: the password is hunter%d\\n' 2; exit 3");
    builds.ask(
        key + "-slow",
        "?wait=60",
        "plain",
        Map.of("script", "printf 'error: the password is hunter%d\\n' 2; sleep 60"),
        Map.of("timeout", "3s"));
    for (String each : new String[] {path, path + "-slow"}) {
      assertThat(builds.client().get(each + "/attempts/1").text()).contains("hunter2");

      Reply removed = builds.client().delete(each + "/attempts/1/log");

      Reply attempt = builds.client().get(each + "/attempts/1");
      assertThat(removed.status()).isEqualTo(204);
      assertThat(attempt.text()).doesNotContain("hunter2");
      assertThat(attempt.json().path("failureExcerpt").isNull()).isTrue();
    }
    assertThat(builds.attempt(key + "-slow", 1).path("failure").asString()).contains("timeout");
  }

  @Test
  void secretsStayMasked() {
    JsonNode attempt = builds.run(key, "secret", "echo error: token $TOKEN; exit 1");

    assertThat(lines(attempt.path("failureExcerpt"))).containsExactly("1:error: token ***");
  }

  @Test
  void ownPatternsOfABuilderCountAndChangeNoVersion() throws Exception {
    String script = "echo error: noise; echo Error: sign; echo BOOM 7; exit 1";
    String version = version();
    JsonNode before = builds.run(key, "own", script);
    Path file = service.home().resolve("builders/own.yaml");

    Files.writeString(file, script("error-patterns: [{pattern: '(?i)^error', score: -1}]\n"));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> patterns().equals("[{\"pattern\":\"(?i)^error\",\"score\":-1}]"));
    Reply hit = builds.ask(key, "?wait=60", "own", Map.of("script", script));
    JsonNode silenced = builds.run(key + "-2", "own", script);
    Files.writeString(file, script("error-patterns: [{pattern: 'a(b', score: 1}]\n"));
    await().atMost(Duration.ofSeconds(20)).until(() -> problems().contains("own.yaml"));

    assertThat(before.path("failureExcerpt").path("line").asInt()).isEqualTo(3);
    assertThat(before.path("failureExcerpt").path("score").asInt()).isEqualTo(150);
    assertThat(hit.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(silenced.path("failureExcerpt").isNull()).isTrue();
    assertThat(version()).isEqualTo(version);
    assertThat(problems()).contains("line 3", "error-patterns", "RE2", "the older one stays");
    assertThat(patterns()).contains("-1");
    Files.writeString(file, script(PATTERNS));
    await().atMost(Duration.ofSeconds(20)).until(() -> patterns().contains("BOOM"));
  }

  @Test
  void attemptThatAnotherLifeOfTheServiceStartedTellsTheSame() throws Exception {
    String filler = "yes 'ok  example.com/shop 0.003s' | head -n 400000; ";
    String script =
        filler
            + "echo 'Error: first'; "
            + filler
            + "echo begun; while [ ! -e "
            + files.resolve("go")
            + " ]; do sleep 0.05; done; echo 'Error: second'; exit 1";
    builds.start(key, "plain", script);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> builds.client().get(path + "/log?tail=1&follow=false").text().equals("begun\n"));

    service.kill9();
    service.restart();
    Files.createFile(files.resolve("go"));
    JsonNode adopted = attempt(builds.end(key));
    JsonNode whole = builds.run(key + "-2", "plain", script);

    assertThat(adopted.path("number").asInt()).isOne();
    assertThat(status(adopted)).isEqualTo("failed");
    assertThat(adopted.path("failureExcerpt").path("line").asInt()).isEqualTo(400_001);
    assertThat(whole.path("failureExcerpt")).isEqualTo(adopted.path("failureExcerpt"));
  }

  private static List<String> lines(JsonNode excerpt) {
    return excerpt
        .path("lines")
        .valueStream()
        .map(line -> line.path("number").asInt() + ":" + line.path("text").asString())
        .toList();
  }

  private static String version() {
    return builds.client().get("/builders/own").json().path("version").asString();
  }

  private static String patterns() {
    return builds.client().get("/builders/own").json().path("errorPatterns").toString();
  }

  private static String problems() {
    JsonNode health = builds.client().get("/actuator/health/readiness").json();
    return health.path("components").path("builders").path("details").path("problems").toString();
  }
}
