package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker-compose.yml} as it is, where an engine has its images. */
class ComposeIT {
  private static final String PROJECT = "buildonce-it-" + ProcessHandle.current().pid();

  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  private static int port;
  private static Client client;

  @BeforeAll
  static void up() throws Exception {
    assumeTrue(
        DockerEngine.has("postgres:17") && DockerEngine.has("eclipse-temurin:25-jre"),
        "no Docker engine with the images");
    assumeTrue(run(SOON, List.of("docker", "compose", "version")).exit() == 0);
    port = Ports.free();
    client = new Client("http://127.0.0.1:" + port);
    ContainerCount.started();

    Ended up = compose("up", "--build", "--wait", "--wait-timeout", "240");

    assertThat(up.exit()).as(up.output()).isZero();
  }

  @AfterAll
  static void down() throws Exception {
    if (port > 0) {
      Ended down = compose("down", "--volumes", "--rmi", "local", "--timeout", "5");
      assertThat(down.exit()).as(down.output()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"buildonce", "database"})
  void whatWasAnsweredIsStillThereAfterAKill(String killed) throws Exception {
    Client.Reply first = client.script("/builds/" + killed + "?wait=60", "git --version; exit 3");
    assertThat(first.json().path("status").asString()).as(first.text()).isEqualTo("failed");

    String container = compose("ps", "--quiet", killed).output().strip();
    String pid =
        run(SOON, List.of("docker", "inspect", "-f", "{{.State.Pid}}", container)).output().strip();
    // From outside: the engine takes its own kill for a wish that the container stays down.
    assertThat(run(SOON, List.of("kill", "-9", pid)).exit()).isZero();
    Awaitility.await()
        .atMost(Duration.ofSeconds(120))
        .ignoreExceptions()
        .until(() -> restarts(container) > 0 && ready());

    // A connection that died with the database may cost an ask or two a 503, but never a wrong
    // answer.
    Client.Reply again =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> client.post("/builds/" + killed), reply -> reply.status() != 503);
    assertThat(again.header("Cache-Status")).startsWith("buildonce; hit");
    assertThat(client.get("/builds/" + killed + "/log").text()).startsWith("git version");
    assertThat(client.script("/builds/after-" + killed + "?wait=60", "echo new").status())
        .isEqualTo(200);
  }

  @Test
  void restoredStateIsThatOfTheBackupInAnotherEpoch() throws Exception {
    client.script("/builds/before?wait=60", "echo before");
    shell(ReadmeBlocks.with("pg_dump -U"));
    String epoch = epoch();
    client.script("/builds/later?wait=60", "echo later");

    shell(ReadmeBlocks.with("pg_restore -U"));

    assertThat(client.post("/builds/before").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(client.get("/builds/later").problem()).isEqualTo("unknown-key");
    assertThat(epoch()).isNotEqualTo(epoch);
    client.script("/builds/later?wait=60", "echo again");
    assertThat(client.get("/builds/later/log").text()).isEqualTo("again\n");
  }

  private void shell(String block) throws Exception {
    String script = block.replace("buildonce.dump", folder.resolve("buildonce.dump").toString());
    Ended ended = run(Duration.ofMinutes(5), List.of("sh", "-eu", "-c", script));
    assertThat(ended.exit()).as("%s%n%s", block, ended.output()).isZero();
  }

  private static String epoch() throws Exception {
    return compose(
            "exec",
            "-T",
            "database",
            "psql",
            "-U",
            "buildonce",
            "-tc",
            "SELECT epoch FROM revisions")
        .output();
  }

  @Test
  void serviceHasOnlyTheRightsThatItNeeds() {
    Client.Reply build =
        client.script(
            "/builds/rights?wait=60",
            "id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; touch /usr/x 2>&1 || true");

    assertThat(build.status()).as(build.text()).isEqualTo(200);
    assertThat(client.get("/builds/rights/log").text().split("\\s+"))
        .startsWith("10001")
        .containsSubsequence("CapEff:", "0000000000000000")
        .containsSubsequence("CapBnd:", "0000000000000000")
        .containsSubsequence("NoNewPrivs:", "1")
        .containsSubsequence("Read-only", "file", "system");
  }

  private static boolean ready() {
    return client.get("/actuator/health/readiness").status() == 200;
  }

  private static int restarts(String container) throws Exception {
    Ended inspected = run(SOON, List.of("docker", "inspect", "-f", "{{.RestartCount}}", container));
    return Integer.parseInt(inspected.output().strip());
  }

  private static Ended compose(String... arguments) throws Exception {
    return run(
        Duration.ofMinutes(8),
        Stream.concat(Stream.of("docker", "compose"), Stream.of(arguments)).toList());
  }

  private record Ended(int exit, String output) {}

  private static Ended run(Duration patience, List<String> command) throws Exception {
    Path output = Files.createTempFile("compose", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder
          .environment()
          .putAll(
              Map.of("BUILDONCE_PORT", Integer.toString(port), "COMPOSE_PROJECT_NAME", PROJECT));
      Process process = builder.start();
      try {
        assertThat(process.waitFor(patience.toSeconds(), TimeUnit.SECONDS))
            .as("%s: %s", command, Files.readString(output))
            .isTrue();
      } finally {
        process.destroyForcibly();
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      return new Ended(127, e.toString()); // there is no such program
    } finally {
      Files.delete(output);
    }
  }
}
