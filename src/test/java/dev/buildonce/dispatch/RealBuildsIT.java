package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.attempt;
import static dev.buildonce.dispatch.RealBuilds.failure;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.builds.Gated;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a build is given, what it may leave, and what its end means, against the running jar. */
class RealBuildsIT {
  private static final String SECRET = RealService.SECRET;

  @TempDir private static Path files;

  private final RealBuilds builds = RealService.builds();
  private final Gated gated = new Gated(files);
  private final String key = "real-" + UUID.randomUUID();

  @Test
  void environmentIsExactlyWhatIsPromised() {
    builds.ask(key, "?wait=30", "surroundings", Map.of("name", "you"));

    Map<String, String> environment = new TreeMap<>();
    for (String entry : builds.log(key).split("\0")) {
      environment.put(
          entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
    }
    assertThat(environment)
        .containsOnlyKeys(
            "PATH",
            "HOME",
            "LANG",
            "TMPDIR",
            "BUILD_KEY",
            "BUILD_ATTEMPT",
            "BUILD_VALUE",
            "BUILD_PENDING",
            "PARAM_name",
            "PARAM_extra",
            "GREETING",
            "PASSED_ON")
        .containsEntry("BUILD_KEY", key)
        .containsEntry("BUILD_ATTEMPT", "1")
        .containsEntry("PARAM_name", "you")
        .containsEntry("PARAM_extra", "none")
        .containsEntry("GREETING", "hello {name}")
        .containsEntry("PASSED_ON", "as it is");
    assertThat(environment.get("PATH").split(":")).allMatch(folder -> folder.startsWith("/"));
  }

  @Test
  void buildHasFreshEmptyDirectoriesNoInputAndNoOpenFilesOfOurs() {
    String script =
        """
        pwd; ls -A . "$HOME" "$TMPDIR"; echo left > file; echo left > "$HOME/file"; echo left > "$TMPDIR/file"
        cat; ls /proc/self/fd | tr '\\n' ' '
        """;
    builds.run(key, "plain", script);
    builds.run(key + "-2", "plain", script);

    String first = builds.log(key);
    String second = builds.log(key + "-2");
    assertThat(first.lines().skip(1)).noneMatch(line -> line.contains("file"));
    assertThat(second.lines().skip(1)).noneMatch(line -> line.contains("file"));
    assertThat(second.lines().findFirst()).isNotEqualTo(first.lines().findFirst());
    assertThat(second).endsWith("\n0 1 2 3 ");
    assertThat(first).doesNotContain(key);
    assertThat(Path.of(first.lines().findFirst().orElseThrow())).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\" :  1.50, \"n\": 123456789012345678901234567890.1e+40}",
        "\"nul \\u0000 and \\ud83d\\ude00\"",
        "null",
        "[ ]",
      })
  void valueIsShownAsWritten(String json) {
    builds.run(key, "plain", "cat > \"$BUILD_VALUE\" <<'E'\n" + json + "\nE\n");

    String document = builds.client().get("/builds/" + key).text();
    assertThat(document).contains("\"value\":" + json);
    assertThat(status(builds.look(key))).isEqualTo("succeeded");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '%',
      value = {
        "echo '{\"a\":' > \"$BUILD_VALUE\" % is no JSON",
        ": > \"$BUILD_VALUE\" % is empty",
        "printf '{}\\0' > \"$BUILD_VALUE\" % is no JSON",
        "(printf '\"'; head -c 1048576 /dev/zero | tr '\\0' x; printf '\"') > \"$BUILD_VALUE\" % has 1048578 bytes",
        "echo 1 > v; ln -s \"$PWD/v\" \"$BUILD_VALUE\" % is a link",
        "mkfifo \"$BUILD_VALUE\" % is no regular file",
        "mkdir \"$BUILD_VALUE\" % is a directory",
      })
  void valueThatIsNoneIsTroubleThatSaysWhatToDo(String script, String reason) {
    JsonNode attempt = builds.run(key, "plain", script);

    assertThat(status(attempt)).isEqualTo("errored");
    assertThat(failure(attempt)).contains("BUILD_VALUE", reason, "write one JSON value");
    assertThat(attempt.path("value").isNull()).isTrue();
    assertThat(attempt.path("next").isNull()).isTrue();
    assertThat(status(builds.look(key))).isEqualTo("unbuilt");
  }

  @Test
  void valueOfAFailureIsNoTrouble() {
    JsonNode bad = builds.run(key, "plain", "mkdir \"$BUILD_VALUE\"; echo broken; exit 3");
    JsonNode good = builds.run(key + "-2", "plain", "echo '[7]' > \"$BUILD_VALUE\"; exit 3");

    assertThat(status(bad)).isEqualTo("failed");
    assertThat(failure(bad)).isEqualTo("broken (exit 3)");
    assertThat(good.path("value").get(0).asInt()).isEqualTo(7);
  }

  @Test
  void pendingLineIsShownSoonToldInStreamsAndGoneAfterwards() throws Exception {
    String script =
        "echo first; echo 'the moon' > \"$BUILD_PENDING\"; " + gated.script(key + "-seen");
    builds.start(key, "plain", script);
    await().atMost(Duration.ofSeconds(20)).until(() -> builds.log(key).contains("first"));
    Instant written = Instant.now();
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> pending(builds.look(key).path("attempt")).equals("the moon"));
    System.out.printf(
        "pending line shown after %d ms%n", Duration.between(written, Instant.now()).toMillis());

    Streamed text = builds.stream(key, "plain", script, "text/plain");
    Streamed events = builds.stream(key, "plain", script, "text/event-stream");
    text.awaitTold("(the moon)");
    events.awaitTold("the moon");
    gated.open(key + "-seen");

    assertThat(text.whole())
        .contains("(the moon)")
        .contains("\nfirst\n")
        .contains("buildonce: succeeded");
    assertThat(events.whole()).contains("\"pendingReason\":\"the moon\"");
    assertThat(builds.look(key).path("attempt").path("pendingReason").isNull()).isTrue();
  }

  @Test
  void pendingLineThatChangesIsToldInTextAndEvents() throws Exception {
    String script =
        gated.script(key + "-followed")
            + "echo 'a licence' > \"$BUILD_PENDING\"\n"
            + gated.script(key + "-told")
            + "echo done";
    Streamed events = builds.stream(key, "plain", script, "text/event-stream");
    Streamed text = builds.stream(key, "plain", script, "text/plain");
    events.awaitTold("event: status\n");
    text.awaitTold("buildonce: ");
    gated.open(key + "-followed");
    events.awaitTold("\"pendingReason\":\"a licence\"");
    text.awaitTold("\nbuildonce: a licence\n");
    gated.open(key + "-told");

    assertThat(text.whole()).contains("\ndone\n");
    assertThat(events.whole()).contains("event: end\n");
  }

  private static String pending(JsonNode attempt) {
    return attempt.path("pendingReason").asString("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exit 0 | succeeded | 0 |",
        "echo why; exit 1 | failed | 1 | why (exit 1)",
        "nope-nope | failed | 127 | sh: 1: nope-nope: not found (exit 127)",
        "exit 255 | failed | 255 | exit 255, and it wrote nothing that tells why",
        "echo no luck; exit 75 | errored | 75 | no luck (exit 75, which its builder lists as no verdict: ask again)",
        "echo big; exit 137 | errored | 137 | big (killed by SIGKILL, exit 137, not by us: often the machine is out of memory)",
        "exit 143 | errored | 143 | killed by SIGTERM, exit 143, not by us",
        "kill -KILL $$ | errored | | killed by SIGKILL, not by us",
        "kill -TERM $$ | errored | | killed by SIGTERM, not by us",
        "echo bug; kill -SEGV $$ | failed | | bug (killed by SIGSEGV)",
        "kill -ABRT $$ | failed | | killed by SIGABRT",
        "sh -c 'kill -SEGV $$' | failed | 139 | Segmentation fault",
      })
  void endMeansWhatTheCommandSaid(String script, String status, Integer exitCode, String failure) {
    JsonNode attempt = builds.run(key, "plain", script);

    assertThat(status(attempt)).isEqualTo(status);
    assertThat(attempt.path("exitCode").isNull() ? null : attempt.path("exitCode").asInt())
        .isEqualTo(exitCode);
    assertThat(failure == null ? "" : failure(attempt)).contains(failure == null ? "" : failure);
  }

  @Test
  void exitCodeWithoutVerdictIsNotCachedAndAskedAgainStartsAnew() {
    Reply first = builds.ask(key, "?wait=30", "plain", Map.of("script", "exit 75"));
    Reply second = builds.ask(key, "?wait=30", "plain", Map.of("script", "exit 75"));

    assertThat(first.status()).isEqualTo(424);
    assertThat(second.status()).isEqualTo(424);
    assertThat(second.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(attempt(second).path("number").asInt()).isEqualTo(2);
    assertThat(attempt(second).path("reason").asString()).isEqualTo("missing");
    assertThat(second.json().path("build").path("outcome").isNull()).isTrue();
  }

  @Test
  void killFromOutsideIsRetriedAfterABackoffAndWaitedThrough() throws Exception {
    Path pid = files.resolve(key);
    String script = "[ $BUILD_ATTEMPT = 2 ] || { echo $$ > " + pid + "; exec sleep 60; }";
    var waiting =
        CompletableFuture.supplyAsync(
            () -> builds.ask(key, "?wait=60", "once-more", Map.of("script", script)));
    await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(pid) && Files.size(pid) > 1);
    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow().destroyForcibly();

    assertThat(waiting.join().status()).isEqualTo(200);
    JsonNode first = builds.attempt(key, 1);
    JsonNode second = builds.attempt(key, 2);
    assertThat(status(first)).isEqualTo("errored");
    assertThat(first.path("next").asInt()).isEqualTo(2);
    assertThat(second.path("reason").asString()).isEqualTo("retry");
    assertThat(
            Duration.between(
                Instant.parse(first.path("finishedAt").asString()),
                Instant.parse(second.path("startedAt").asString())))
        .isBetween(Duration.ofMillis(790), Duration.ofSeconds(30));
  }

  @Test
  void retriesAreBoundedAndASpentChainHoldsBackTheNextAsk() {
    JsonNode last = builds.run(key, "once-more", "kill -9 $$");
    double backoff =
        RealService.parts()
            .database()
            .sql(
                """
                WITH backoff AS (
                  SELECT id, extract(epoch FROM backoff_until - finished_at) AS seconds FROM attempts
                  WHERE number = 2 AND build_id = (SELECT id FROM builds WHERE key = :key))
                UPDATE attempts SET backoff_until = clock_timestamp() + interval '1 hour'
                FROM backoff WHERE attempts.id = backoff.id
                RETURNING backoff.seconds
                """)
            .param("key", key)
            .query(Double.class)
            .single();
    Reply again = builds.ask(key, "", "once-more", Map.of("script", "kill -9 $$"));

    assertThat(last.path("number").asInt()).isEqualTo(2);
    assertThat(status(last)).isEqualTo("errored");
    assertThat(last.path("next").isNull()).isTrue();
    assertThat(again.status()).isEqualTo(202);
    assertThat(backoff).isBetween(4 * 0.8, 4 * 1.2);
    assertThat(pending(attempt(again))).matches("to be tried again in 3[56]\\d\\d s");
    builds.client().post("/builds/" + key + "/cancel");
  }

  @Test
  void failureLineTellsWhatAnEngineerLooksFor() {
    JsonNode attempt =
        builds.run(
            key,
            "plain",
            """
            printf '\\033[31mmain.c:4:5: error: no such thing\\033[0m\\n'
            seq 1 150 | while read -r i; do printf '\\r[##   ] %s%%' "$i"; done; echo
            echo 'make: *** [Makefile:2: all] Error 1'
            exit 2
            """);

    assertThat(failure(attempt)).isEqualTo("main.c:4:5: error: no such thing (exit 2)");
  }

  @Test
  void programThatIsNotThereIsNamed() {
    Reply reply = builds.ask(key, "?wait=30", "no-program", Map.of());

    assertThat(reply.status()).isEqualTo(424);
    assertThat(status(attempt(reply))).isEqualTo("errored");
    assertThat(failure(attempt(reply))).contains("cannot be started", "no-such-program");
    assertThat(attempt(reply).path("next").isNull()).isTrue();
  }

  @Test
  void paramOfHundredKibibytesArrivesWhole() {
    String script = "# " + "x".repeat(100 * 1024 - 60) + "\nprintf %s \"$PARAM_script\" | wc -c";

    builds.run(key, "plain", script);

    assertThat(builds.log(key).strip()).isEqualTo(Integer.toString(script.length()));
    assertThat(
            builds
                .ask(key + "-2", "", "plain", Map.of("script", "x".repeat(100 * 1024 + 1)))
                .status())
        .isEqualTo(422);
  }

  @Test
  void paramsHaveDefaultsAndPatternsAndSomeAreNoInput() {
    Reply unfit = builds.ask(key, "", "params", Map.of("size", "1", "color", "redgreen"));
    Reply missing = builds.ask(key, "", "params", Map.of());
    Reply built =
        builds.ask(key, "?wait=30", "params", Map.of("size", "12", "note", "{color} $(id) \"q\""));
    Reply sameInputs =
        builds.ask(key, "", "params", Map.of("size", "12", "color", "red", "note", "other"));
    Reply otherInputs = builds.ask(key, "", "params", Map.of("size", "13"));

    assertThat(unfit.status()).isEqualTo(422);
    assertThat(unfit.text()).contains("params.color", "red|green");
    assertThat(missing.text()).contains("params.size", "is missing");
    assertThat(built.status()).isEqualTo(200);
    assertThat(builds.log(key)).isEqualTo("red|<12>{}|{color} $(id) \"q\"|");
    assertThat(sameInputs.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(otherInputs.status()).isEqualTo(409);
    assertThat(otherInputs.text()).contains("params.size");
  }

  @Test
  void titleIsTheFirstTellingLineOfTheCommand() {
    builds
        .client()
        .form(
            "/builds/" + key,
            "script=" + Client.encoded("#!/bin/sh\n# test\nset -e\n\n  echo hi  \n"));

    assertThat(builds.look(key).path("title").asString()).isEqualTo("echo hi");
  }

  @Test
  void secretIsGivenToTheBuildAndMaskedInLogAndFailure() {
    String script =
        """
        echo "length ${#TOKEN}"; echo "whole $TOKEN."
        printf 'split %s' "${TOKEN%-some-more}"; sleep 0.5; printf '%s\\n' "-some-more."
        echo "error: bad token $TOKEN"; exit 1
        """;
    JsonNode attempt = builds.run(key, "secret", script);

    assertThat(builds.log(key))
        .contains("length " + SECRET.length(), "whole ***.", "split ***.")
        .doesNotContain("hunter2");
    assertThat(failure(attempt)).isEqualTo("error: bad token *** (exit 1)");
    assertThat(builds.client().get("/builds/" + key).text()).doesNotContain("hunter2");
  }

  @Test
  void secretThatCannotBeReadIsOurTrouble() {
    JsonNode attempt = builds.run(key, "no-secret", "true");

    assertThat(status(attempt)).isEqualTo("errored");
    assertThat(failure(attempt)).contains("TOKEN", "/nowhere/token");
  }

  private static Map<String, String> large(int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap(i -> "p" + i, _ -> "x".repeat(100 * 1024)));
  }

  @Test
  void paramsOfAMebibyteReachTheBuild() {
    var reply = builds.ask(key, "?wait=60", "many", large(10));

    assertThat(status(attempt(reply))).isEqualTo("succeeded");
    assertThat(builds.log(key).strip())
        .isEqualTo(Integer.toString(10 * (100 * 1024 + "PARAM_p0=\n".length())));
  }

  @Test
  void argumentThatTheSystemDoesNotTakeIsNoVerdictAndSaysWhatToDo() {
    var reply = builds.ask(key, "?wait=60", "long-argument", large(2));

    assertThat(reply.status()).isEqualTo(424);
    assertThat(status(attempt(reply))).isEqualTo("errored");
    assertThat(failure(attempt(reply)))
        .contains("argument 1 has 204800 bytes")
        .contains("from the environment, one by one");
    assertThat(attempt(reply).path("number").asInt()).isEqualTo(1);
  }
}
