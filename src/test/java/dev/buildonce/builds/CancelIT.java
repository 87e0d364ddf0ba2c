package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /builds/{key}/cancel} as people use it. */
class CancelIT {
  /** As many as the pool of the shared service runs at a time. */
  private static final int POOL = 4;

  private final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "cancel-" + UUID.randomUUID();
  private final String path = "/builds/" + key;
  private Gated gated;

  @BeforeEach
  void gates(@TempDir Path directory) {
    gated = new Gated(directory);
  }

  private void start(String path, String script) {
    assertThat(client.script(path, script).status()).isEqualTo(202);
    Gated.awaitText(client, path, "\"status\":\"running\"");
  }

  private JsonNode ended(String path) {
    return client.get(path + "/attempts/1?wait=60").json();
  }

  /** A script that TERM does not end until a gate opens. */
  private String stubborn(String gate) {
    return "trap '' TERM; echo deaf; " + gated.script(gate);
  }

  @Test
  void queuedAttemptNeverStarts() throws Exception {
    for (int i = 0; i < POOL; i++) {
      // Whether it runs or waits itself for what another test left: the next one comes after it.
      client.script(path + "-" + i, gated.script("go"));
    }
    client.script(path, "echo started");

    Reply reply = client.form(path + "/cancel", "by=me&why=changed+my+mind");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
    assertThat(reply.json().path("status").asString()).isEqualTo("unbuilt");
    JsonNode attempt = ended(path);
    assertThat(attempt.path("status").asString()).isEqualTo("cancelled");
    assertThat(attempt.path("startedAt").isNull()).isTrue();
    assertThat(attempt.path("failure").asString())
        .isEqualTo("Cancelled by me while it was queued: changed my mind");
    gated.open("go");
    assertThat(client.get(path + "/log").body()).isEmpty();
  }

  @Test
  void wholeProcessTreeOfARunningAttemptIsEnded() throws Exception {
    String pids = gated.path("pids");
    start(
        path,
        """
        setsid sh -c 'echo $$ >> %1$s; trap "" TERM; while :; do sleep 0.1; done' &
        ( sleep 600 & echo $! >> %1$s )
        echo $$ >> %1$s
        until [ $(wc -l < %1$s) -ge 3 ]; do sleep 0.05; done
        echo loose
        wait; sleep 600
        """
            .formatted(pids));
    Gated.awaitText(client, path + "/log?follow=false", "loose");

    Reply reply = client.form(path + "/cancel", "why=branch+is+gone");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(ended(path).path("status").asString()).isEqualTo("cancelled");
    assertThat(ended(path).path("failure").asString())
        .isEqualTo("Cancelled while it ran: branch is gone");
    List<String> processes = Files.readAllLines(Path.of(pids));
    assertThat(processes)
        .hasSize(3)
        .allMatch(pid -> ProcessHandle.of(Long.parseLong(pid)).isEmpty());
    Reply after = client.get(path);
    assertThat(after.json().path("status").asString()).isEqualTo("unbuilt");
    assertThat(after.json().path("outcome").isNull()).isTrue();
  }

  @Test
  void cancelledAttemptThatIsStillEndingIsNotWhatALookExpects() throws Exception {
    start(path, stubborn("red"));
    start(path + "-2", stubborn("green"));
    gated.open("green");
    client.get(path + "-2?wait=30");
    Files.delete(Path.of(gated.path("green")));
    client.form(path + "-2", "", "Cache-Control", "no-cache");
    Gated.awaitText(client, path + "/log?follow=false", "deaf");
    Gated.awaitText(client, path + "-2/attempts/2/log?follow=false", "deaf");

    client.post(path + "/cancel");
    client.post(path + "-2/cancel");

    Reply red = client.get(path + "?expect=success");
    Reply green = client.get(path + "-2?expect=success");
    assertThat(red.status()).isEqualTo(424);
    assertThat(red.json().path("detail").asString()).isEqualTo("Attempt 1 is being cancelled");
    assertThat(green.status()).isEqualTo(200);
    assertThat(green.json().path("attempt").path("status").asString()).isEqualTo("running");
    gated.open("red");
    gated.open("green");
  }

  @Test
  void onlyTheActiveAttemptCanBeMeant() {
    start(path, gated.script("go"));

    Reply other = client.post(path + "/cancel?attempt=2");
    Reply odd = client.post(path + "/cancel?attempt=0");
    Reply active = client.post(path + "/cancel?attempt=1");

    assertThat(other.status()).isEqualTo(409);
    assertThat(other.problem()).isEqualTo("attempt-changed");
    assertThat(other.json().path("build").path("attempt").path("number").asInt()).isEqualTo(1);
    assertThat(odd.status()).isEqualTo(422);
    assertThat(active.status()).isEqualTo(202);
    assertThat(ended(path).path("status").asString()).isEqualTo("cancelled");
  }

  @Test
  void whatSomebodyWaitsForIsStillWanted() throws Exception {
    start(path, gated.script("go"));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = callers.submit(() -> client.post(path + "?wait=5"));
      Gated.awaitText(client, path, "\"waiters\":1");

      Reply wanted = client.form(path + "/cancel", "ifUnwanted=true");

      assertThat(wanted.status()).isEqualTo(409);
      assertThat(wanted.problem()).isEqualTo("still-wanted");
      assertThat(waiting.get().status()).isEqualTo(202);
    }
    // Who has an answer waits no more.
    assertThat(client.form(path + "/cancel", "ifUnwanted=true").status()).isEqualTo(202);
  }

  @Test
  void oneWhoWaitsIsToldThatNothingCame() throws Exception {
    start(path, gated.script("go"));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = callers.submit(() -> client.post(path + "?wait=60"));
      Gated.awaitText(client, path, "\"waiters\":1");

      client.post(path + "/cancel");

      assertThat(waiting.get().status()).isEqualTo(424);
      assertThat(waiting.get().problem()).isEqualTo("not-successful");
    }
  }

  @Test
  void askingTwiceIsTheSameUntilTheProcessesAreGone() throws Exception {
    start(path, stubborn("go"));
    Gated.awaitText(client, path + "/log?follow=false", "deaf");

    Reply first = client.post(path + "/cancel?by=a");
    Reply second = client.post(path + "/cancel?by=b");
    Reply third = client.post(path + "/cancel?attempt=1");
    Reply other = client.post(path + "/cancel?attempt=2");
    gated.open("go");
    JsonNode ended = ended(path);
    Reply late = client.post(path + "/cancel");

    assertThat(List.of(first.status(), second.status(), third.status()))
        .containsExactly(202, 202, 202);
    assertThat(other.status()).isEqualTo(409);
    assertThat(ended.path("failure").asString()).isEqualTo("Cancelled by a while it ran");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.problem()).isEqualTo("not-building");
  }

  @Test
  void askBehindAMarkedAttemptQueuesTheNextWhichStartsWhenTheProcessesAreGone() throws Exception {
    String ended = gated.path("ended");
    start(
        path,
        "if [ $BUILD_ATTEMPT = 1 ]; then "
            + stubborn("go")
            + "touch "
            + ended
            + "; else [ -e "
            + ended
            + " ]; fi");
    Gated.awaitText(client, path + "/log?follow=false", "deaf");
    client.post(path + "/cancel");

    Reply ask = client.post(path);
    Reply join = client.post(path);

    assertThat(ask.status()).isEqualTo(202);
    assertThat(ask.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(ask.json().path("attempt").path("number").asInt()).isEqualTo(2);
    assertThat(join.header("Cache-Status")).isEqualTo("buildonce; fwd=miss; collapsed");
    await()
        .during(Duration.ofSeconds(1))
        .until(() -> client.get(path).json().path("status").asString().equals("queued"));
    gated.open("go");
    assertThat(client.get(path + "?wait=60").json().path("status").asString())
        .isEqualTo("succeeded");
    assertThat(ended(path).path("status").asString()).isEqualTo("cancelled");
  }

  @Test
  void markBeatsWhateverTheCommandSaysAndTheFormerOutcomeStands() {
    client.script(
        path + "?wait=60",
        """
        [ $BUILD_ATTEMPT != 1 ] || exit 0
        trap 'exit 0' TERM
        while :; do sleep 0.1; done
        """);
    client.post(path, "Cache-Control", "no-cache");
    Gated.awaitText(client, path, "\"status\":\"running\"");

    Reply reply = client.post(path + "/cancel");

    assertThat(reply.json().path("status").asString()).isEqualTo("succeeded");
    JsonNode second = client.get(path + "/attempts/2?wait=60").json();
    assertThat(second.path("status").asString()).isEqualTo("cancelled");
    Reply hit = client.post(path);
    assertThat(hit.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(hit.json().path("outcome").path("number").asInt()).isEqualTo(1);
    assertThat(hit.json().path("attempt").path("number").asInt()).isEqualTo(2);
  }

  @Test
  void cancelDropsRetries() {
    client.script(path, "kill -9 $$");
    Gated.awaitText(client, path, path + "/attempts/2\"");

    client.post(path + "/cancel");

    Gated.awaitText(client, path, "\"status\":\"cancelled\"");
    assertThat(client.get(path + "/attempts").json().path("attempts").size()).isLessThan(5);
    assertThat(client.get(path).json().path("attempt").path("next").isNull()).isTrue();
    assertThat(client.get(path).json().path("status").asString()).isEqualTo("unbuilt");
  }

  @Test
  void nothingActiveOrUnknownIsRefused() {
    Reply unknown = client.post(path + "/cancel");
    client.script(path + "?wait=60", "true");
    Reply over = client.post(path + "/cancel");

    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("unknown-key");
    assertThat(over.status()).isEqualTo(409);
    assertThat(over.problem()).isEqualTo("not-building");
    assertThat(over.json().path("build").path("key").asString()).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"query", "form", "JSON"})
  void fieldsAreTakenFromQueryFormAndJson(String where) {
    start(path, gated.script("go"));

    Reply reply =
        switch (where) {
          case "query" -> client.post(path + "/cancel?attempt=1&by=b&why=w&ifUnwanted=true");
          case "form" -> client.form(path + "/cancel", "attempt=1&by=b&why=w&ifUnwanted=true");
          default ->
              client.json(
                  path + "/cancel",
                  "{\"attempt\": 1, \"by\": \"b\", \"why\": \"w\", \"ifUnwanted\": true}");
        };

    assertThat(reply.status()).isEqualTo(202);
    assertThat(ended(path).path("failure").asString()).isEqualTo("Cancelled by b while it ran: w");
  }

  @Test
  void oddFieldsAreRefusedAndChangeNothing() {
    start(path, gated.script("go"));

    for (Reply reply :
        List.of(
            client.post(path + "/cancel?ifUnwantd=true"),
            client.form(path + "/cancel", "reason=x"),
            client.form(path + "/cancel", "ifUnwanted=maybe"),
            client.json(path + "/cancel", "{\"attempt\": \"one\"}"))) {
      assertThat(reply.status()).isEqualTo(422);
      assertThat(reply.problem()).isEqualTo("invalid-request");
    }
    assertThat(client.get(path).json().path("status").asString()).isEqualTo("running");
  }
}
