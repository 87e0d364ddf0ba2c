package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /rebuild} as people use it. */
class RebuildIT {
  private static final String OTHER = "rebuild-it";

  private static final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "rebuild-" + UUID.randomUUID();
  private final String path = "/builds/" + key;
  private Gated gated;

  @BeforeAll
  static void addBuilder() throws IOException {
    define("");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> client.get("/builders/" + OTHER).status() == 200);
  }

  private static void define(String more) throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "command: [sh, -euc, \"{script}\"]\nparams: { script: {} }\n" + more);
  }

  private static Path file() {
    return ServiceProcess.shared().home().resolve("builders").resolve(OTHER + ".yaml");
  }

  @AfterAll
  static void removeBuilder() throws IOException {
    Files.delete(file());
  }

  @BeforeEach
  void gates(@TempDir Path directory) {
    gated = new Gated(directory);
  }

  private static Map<String, String> results(Reply reply) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
    Map<String, String> results = new LinkedHashMap<>();
    for (JsonNode result : reply.json().path("results")) {
      results.put(result.path("key").asString(), result.path("result").asString());
    }
    return results;
  }

  private Map<String, String> rebuild(String form) {
    return results(client.form("/rebuild", form));
  }

  private void build(String path, String script) {
    assertThat(client.script(path + "?wait=60", script).status()).isEqualTo(200);
  }

  private static void awaitRunning(String path) {
    Gated.awaitText(client, path, "\"status\":\"running\"");
  }

  private static List<String> statuses(String path) {
    List<String> statuses = new ArrayList<>();
    for (JsonNode attempt : client.get(path + "/attempts").json().path("attempts")) {
      statuses.add(attempt.path("status").asString() + " " + attempt.path("reason").asString());
    }
    return statuses.reversed();
  }

  @Test
  void everyKeyIsToldWhatBecameOfIt() throws Exception {
    build(path + "-done", "true");
    build(path + "-flagged", "true");
    rebuild("key=" + key + "-flagged&by=first&why=first");
    client.script(path + "-running", gated.script("go"));
    client.script(path + "-unbuilt", gated.script("go"));
    client.post(path + "-unbuilt/cancel");
    Gated.awaitText(client, path + "-unbuilt", "\"status\":\"cancelled\"");
    build(path + "-again", "[ $BUILD_ATTEMPT = 1 ] || " + gated.script("go"));
    client.post(path + "-again", "Cache-Control", "no-cache");
    List<String> keys =
        Stream.of("done", "flagged", "running", "unbuilt", "again", "nobody")
            .map(name -> key + "-" + name)
            .toList();

    Reply reply =
        client.json(
            "/rebuild",
            JsonMapper.shared()
                .writeValueAsString(Map.of("keys", keys, "why", "a reason", "by", "me")));

    assertThat(results(reply))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                key + "-done", "flagged",
                key + "-flagged", "already-flagged",
                key + "-running", "building",
                key + "-unbuilt", "unbuilt",
                key + "-again", "flagged",
                key + "-nobody", "unknown"));
    assertThat(reply.json().path("next").isNull()).isTrue();
    JsonNode counts = reply.json().path("counts");
    assertThat(counts.path("flagged").asInt()).isEqualTo(2);
    for (String one : List.of("already-flagged", "building", "unbuilt", "unknown")) {
      assertThat(counts.path(one).asInt()).as(one).isEqualTo(1);
    }
    assertThat(counts.path("queued-after").asInt()).isZero();
    JsonNode done = client.get(path + "-done").json();
    assertThat(done.path("status").asString()).isEqualTo("succeeded");
    assertThat(done.path("rebuildRequested").asBoolean()).isTrue();
    assertThat(done.path("rebuildRequest").path("by").asString()).isEqualTo("me");
    assertThat(done.path("rebuildRequest").path("why").asString()).isEqualTo("a reason");
    assertThat(done.path("rebuildRequest").path("at").asString()).endsWith("Z");
    assertThat(client.get(path + "-flagged").json().path("rebuildRequest").path("by").asString())
        .isEqualTo("first");
    for (String untouched : List.of("-running", "-unbuilt")) {
      assertThat(client.get(path + untouched).json().path("rebuildRequested").asBoolean())
          .isFalse();
    }
    assertThat(client.get(path + "-nobody").status()).isEqualTo(404);
  }

  @Test
  void flaggedOutcomeStaysReadableUntilTheNextAskBuildsAnew() {
    build(path, "echo attempt $BUILD_ATTEMPT");

    rebuild("key=" + key);

    assertThat(client.get(path + "/log").text()).isEqualTo("attempt 1\n");
    assertThat(client.get(path + "?expect=success").status()).isEqualTo(504);
    Reply ask = client.post(path + "?wait=60");
    assertThat(ask.status()).isEqualTo(200);
    assertThat(ask.header("Cache-Status")).isEqualTo("buildonce; fwd=stale; detail=rebuild");
    assertThat(ask.json().path("outcome").path("number").asInt()).isEqualTo(2);
    assertThat(ask.json().path("rebuildRequested").asBoolean()).isFalse();
    assertThat(ask.json().path("rebuildRequest").isNull()).isTrue();
    assertThat(client.post(path).header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void onceItHasAnsweredNoAskIsAnsweredWithTheFlaggedOutcome() throws Exception {
    build(path, "[ $BUILD_ATTEMPT = 1 ] || " + gated.script("go"));
    record Seen(long asked, String answer, int status) {}
    Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    AtomicBoolean over = new AtomicBoolean();

    long answered;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        callers.submit(
            () -> {
              while (!over.get()) {
                long asked = System.nanoTime();
                Reply reply = client.post(path);
                if (reply.status() != 503) { // the machine paused for as long as it waits
                  seen.add(new Seen(asked, reply.header("Cache-Status"), reply.status()));
                }
              }
            });
      }
      try {
        await().until(() -> seen.size() > 100);
        rebuild("key=" + key);
        answered = System.nanoTime();
        await().until(() -> seen.stream().filter(ask -> ask.asked() > answered).count() > 100);
      } finally {
        over.set(true);
      }
    }

    assertThat(seen).anyMatch(ask -> ask.answer().equals("buildonce; hit"));
    assertThat(seen)
        .filteredOn(ask -> ask.asked() > answered)
        .allMatch(ask -> ask.status() == 202 && ask.answer().contains("detail=rebuild"));
  }

  @Test
  void prefixIsLiteral() {
    for (String name : List.of("-a1", "_a1", "-a2", "xa1")) {
      build("/builds/" + key + name, "true");
    }

    assertThat(rebuild("dryRun=true&prefix=" + key).keySet())
        .containsExactly(key + "-a1", key + "-a2", key + "_a1", key + "xa1");
    assertThat(rebuild("dryRun=true&prefix=" + key + "_a").keySet()).containsExactly(key + "_a1");
    assertThat(rebuild("dryRun=true&prefix=" + key + "-a1").keySet()).containsExactly(key + "-a1");
    assertThat(rebuild("dryRun=true&prefix=" + Client.encoded(key + "%"))).isEmpty();
    assertThat(rebuild("dryRun=true&prefix=" + Client.encoded(key + "\\"))).isEmpty();
  }

  @Test
  void whatIsGivenMustHoldTogether() throws Exception {
    client.form(path + "-1?wait=60", "script=true&tag=os=x&tag=b");
    client.form(path + "-2?wait=60", "script=false&tag=os=x");
    client.form(path + "-3?wait=60", "script=true&tag=os=xx");
    client.form(path + "-4?wait=60", "script=true&tag=os=x&builder=" + OTHER);
    client.script(path + "-5", gated.script("go"));
    String among = "dryRun=true&prefix=" + key;

    assertThat(selected(among)).isEqualTo("1 2 3 4 5");
    assertThat(selected(among + "&status=succeeded")).isEqualTo("1 3 4");
    assertThat(selected(among + "&status=failed")).isEqualTo("2");
    assertThat(selected(among + "&tag=os%3Dx")).isEqualTo("1 2 4");
    assertThat(selected(among + "&tag=b")).isEqualTo("1");
    assertThat(selected(among + "&builder=" + OTHER)).isEqualTo("4");
    assertThat(selected(among + "&builder=shell&tag=os%3Dx")).isEqualTo("1 2");
    assertThat(selected(among + "&builder=shell&tag=os%3Dx&status=failed")).isEqualTo("2");
    assertThat(selected(among + "&builder=" + OTHER + "&status=failed")).isEmpty();
    assertThat(selected(among + "&key=" + key + "-1&key=" + key + "-2&status=failed"))
        .isEqualTo("2");

    String second = finishedAt(path + "-2");
    assertThat(selected(among + "&finishedAfter=" + second)).isEqualTo("3 4");
    assertThat(selected(among + "&finishedBefore=" + second)).isEqualTo("1");
    assertThat(
            selected(
                among
                    + "&finishedAfter="
                    + finishedAt(path + "-1")
                    + "&finishedBefore="
                    + finishedAt(path + "-4")))
        .isEqualTo("2 3");
    assertThat(selected(among + "&finishedBefore=2020-01-01T00:00:00%2B01:00")).isEmpty();
  }

  private String selected(String form) {
    return rebuild(form).keySet().stream()
        .map(name -> name.substring(key.length() + 1))
        .collect(Collectors.joining(" "));
  }

  private static String finishedAt(String path) {
    return Client.encoded(client.get(path).json().path("outcome").path("finishedAt").asString());
  }

  @Test
  void statusAndTimeAreThoseOfTheOutcomeThatStands() throws Exception {
    // It stands failed while another attempt runs, and after that was taken back.
    client.script(path + "?wait=60", "[ $BUILD_ATTEMPT != 1 ]; " + gated.script("go"));
    String finished = finishedAt(path);
    client.post(path, "Cache-Control", "no-cache");
    awaitRunning(path);

    assertThat(rebuild("dryRun=true&status=failed&key=" + key)).containsEntry(key, "flagged");
    assertThat(rebuild("dryRun=true&status=succeeded&key=" + key)).isEmpty();
    client.post(path + "/cancel");
    Gated.awaitText(client, path, "\"status\":\"cancelled\"");
    assertThat(rebuild("status=failed&key=" + key)).containsEntry(key, "flagged");
    assertThat(rebuild("dryRun=true&finishedAfter=" + finished + "&key=" + key)).isEmpty();
  }

  @Test
  void builderVersionIsThatOfTheOutcome() throws Exception {
    client.form(path + "-old?wait=60", "script=true&builder=" + OTHER);
    String old = client.get("/builders/" + OTHER).json().path("version").asString();
    define("env: {RUN: '" + key + "'}\n");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              Reply now = client.get("/builders/" + OTHER);
              return now.status() == 200 && !now.json().path("version").asString().equals(old);
            });
    client.form(path + "-new?wait=60", "script=true&builder=" + OTHER);

    String among = "dryRun=true&prefix=" + key + "&builderVersion=";
    assertThat(rebuild(among + Client.encoded(old)).keySet()).containsExactly(key + "-old");
    assertThat(
            rebuild(
                    among
                        + Client.encoded(
                            client.get("/builders/" + OTHER).json().path("version").asString()))
                .keySet())
        .containsExactly(key + "-new");
  }

  @Test
  void dryRunChangesNothing() {
    build(path, "true");
    for (String status : List.of("queued", "running")) {
      Gated.awaitText(client, "/builds?status=" + status, "\"builds\":[]");
    }
    Reply before = client.get(path);
    long revision = client.get("/builds?limit=1").json().path("revision").asLong();

    assertThat(rebuild("dryRun=true&whileBuilding=again&key=" + key)).containsEntry(key, "flagged");

    Reply after = client.get(path);
    assertThat(after.header("ETag")).isEqualTo(before.header("ETag"));
    assertThat(client.get("/builds?limit=1").json().path("revision").asLong()).isEqualTo(revision);
    assertThat(client.post(path).header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void withBuildAnAttemptIsQueuedAtOnceForEach() throws Exception {
    build(path + "-1", "true");
    client.script(path + "-2", gated.script("go"));

    Reply reply = client.form("/rebuild", "build=true&prefix=" + key);

    assertThat(results(reply)).containsEntry(key + "-1", "flagged");
    assertThat(reply.json().path("queued").asInt()).isEqualTo(2);
    assertThat(reply.json().path("notQueued").asInt()).isZero();
    JsonNode ended = client.get(path + "-1?wait=60").json();
    assertThat(statuses(path + "-1")).containsExactly("succeeded missing", "succeeded rebuild");
    assertThat(ended.path("rebuildRequested").asBoolean()).isFalse();
    assertThat(ended.path("outcome").path("number").asInt()).isEqualTo(2);
    assertThat(statuses(path + "-2")).hasSize(1);
  }

  @Test
  void oneMoreAttemptFollowsHoweverOftenItIsAskedFor() throws Exception {
    client.script(path, gated.script("$BUILD_ATTEMPT"));
    awaitRunning(path);

    for (String by : List.of("one", "two", "three")) {
      assertThat(rebuild("whileBuilding=again&key=" + key + "&by=" + by + "&why=w-" + by))
          .containsEntry(key, "queued-after");
    }
    assertThat(client.get(path).json().path("rebuildRequested").asBoolean()).isFalse();
    gated.open("1");
    Gated.awaitText(client, path, path + "/attempts/2\"");

    JsonNode between = client.get(path).json();
    assertThat(between.path("rebuildRequested").asBoolean()).isTrue();
    assertThat(between.path("rebuildRequest").path("by").asString()).isEqualTo("one");
    assertThat(between.path("rebuildRequest").path("why").asString()).isEqualTo("w-one");
    assertThat(between.path("outcome").path("number").asInt()).isEqualTo(1);
    assertThat(between.path("attempt").path("reason").asString()).isEqualTo("rebuild");
    gated.open("2");
    JsonNode after = client.get(path + "?wait=60").json();
    assertThat(after.path("rebuildRequested").asBoolean()).isFalse();
    assertThat(after.path("outcome").path("number").asInt()).isEqualTo(2);
    assertThat(statuses(path)).containsExactly("succeeded missing", "succeeded rebuild");
  }

  @Test
  void oneWhoWaitsForAnAttemptThatIsFollowedGetsTheOutcomeOfTheLast() throws Exception {
    client.script(path, gated.script("$BUILD_ATTEMPT"));
    awaitRunning(path);
    rebuild("whileBuilding=again&key=" + key);

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = callers.submit(() -> client.post(path + "?wait=60"));
      Gated.awaitText(client, path, "\"waiters\":1");
      gated.open("1");
      Gated.awaitText(client, path, path + "/attempts/2\"");
      assertThat(waiting.isDone()).isFalse();
      gated.open("2");

      assertThat(waiting.get().json().path("outcome").path("number").asInt()).isEqualTo(2);
    }
  }

  @Test
  void outcomeThatStandsIsFlaggedAndFollowedToo() throws Exception {
    build(path, "[ $BUILD_ATTEMPT = 1 ] || " + gated.script("$BUILD_ATTEMPT"));
    client.post(path, "Cache-Control", "no-cache");
    awaitRunning(path);

    assertThat(rebuild("whileBuilding=again&key=" + key)).containsEntry(key, "flagged");
    assertThat(rebuild("whileBuilding=again&key=" + key)).containsEntry(key, "queued-after");
    gated.open("2");
    gated.open("3");
    client.get(path + "?wait=60");
    client.post(path + "?wait=60");

    assertThat(statuses(path))
        .containsExactly("succeeded missing", "succeeded too-old", "succeeded rebuild");
  }

  @Test
  void retryCountsAsTheOneMore() throws Exception {
    client.script(
        path,
        "if [ $BUILD_ATTEMPT = 1 ]; then " + gated.script("go") + " kill -9 $$; fi; echo retried");
    awaitRunning(path);

    rebuild("whileBuilding=again&key=" + key);
    gated.open("go");

    JsonNode ended = client.get(path + "/attempts/1?wait=60").json();
    assertThat(ended.path("number").asInt()).isEqualTo(2);
    JsonNode build = client.get(path + "?wait=5").json();
    assertThat(build.path("rebuildRequested").asBoolean()).isFalse();
    assertThat(build.path("status").asString()).isEqualTo("succeeded");
    assertThat(statuses(path)).containsExactly("errored missing", "succeeded retry");
  }

  @Test
  void attemptThatTimedOutIsFollowed() throws Exception {
    client.form(
        path,
        "timeout=6s&script=" + Client.encoded("[ $BUILD_ATTEMPT != 1 ] || " + gated.script("go")));
    awaitRunning(path);

    rebuild("whileBuilding=again&key=" + key);

    Gated.awaitText(client, path, path + "/attempts/2\"");
    JsonNode build = client.get(path + "?wait=60").json();
    assertThat(build.path("status").asString()).isEqualTo("succeeded");
    assertThat(build.path("rebuildRequested").asBoolean()).isFalse();
    assertThat(statuses(path)).containsExactly("timed-out missing", "succeeded rebuild");
  }

  @Test
  void cancelDropsTheOneMore() throws Exception {
    client.script(path, gated.script("go"));
    awaitRunning(path);

    rebuild("whileBuilding=again&key=" + key);
    client.post(path + "/cancel");

    JsonNode build = client.get(path + "?wait=60").json();
    assertThat(build.path("status").asString()).isEqualTo("unbuilt");
    assertThat(build.path("rebuildRequested").asBoolean()).isFalse();
    assertThat(statuses(path)).containsExactly("cancelled missing");
  }

  @Test
  void formRepeatsKeyAndJsonTakesEither() {
    build(path + "-1", "true");
    build(path + "-2", "true");

    assertThat(rebuild("dryRun=true&key=" + key + "-1&key=" + key + "-2")).hasSize(2);
    assertThat(rebuild("dryRun=true&key=" + key + "-1&key=" + key + "-1")).hasSize(1);
    assertThat(results(client.json("/rebuild", "{\"dryRun\": true, \"key\": \"" + key + "-1\"}")))
        .containsExactly(Map.entry(key + "-1", "flagged"));
    assertThat(
            results(
                client.json(
                    "/rebuild", "{\"dryRun\": true, \"keys\": [\"" + key + "-2\", \"none\"]}")))
        .containsExactly(Map.entry(key + "-2", "flagged"), Map.entry("none", "unknown"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "why=because",
        "dryRun=true",
        "prefix=",
        "keys",
        "status=timed-out",
        "finishedAfter=yesterday",
        "key=a&whileBuilding=twice",
        "key=a&dryRun=yes",
        "key=a&colour=red",
        "prefix=a&prefix=b",
        "tag=a&tag=b"
      })
  void requestThatSelectsNothingOrSaysOddThingsIsRefused(String form) {
    Reply reply = client.form("/rebuild", form);

    assertThat(reply.status()).as(reply.text()).isIn(400, 422);
    assertThat(reply.problem()).isIn("invalid-request", "invalid-key");
  }

  @Test
  void emptyListAndBadKeysAreRefused() {
    assertThat(client.json("/rebuild", "{\"keys\": []}").status()).isEqualTo(422);
    assertThat(client.json("/rebuild", "{\"keys\": [1]}").status()).isEqualTo(422);
    assertThat(client.form("/rebuild", "key=-x").problem()).isEqualTo("invalid-key");
    assertThat(client.post("/rebuild?prefix=" + key).status()).isEqualTo(422);
  }

  @Test
  void whenAllNamedKeysAreUnknownThatIsNotFound() {
    Reply reply = client.form("/rebuild", "key=" + key + "&key=" + key + "-2");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.problem()).isEqualTo("unknown-key");
    assertThat(client.form("/rebuild", "prefix=" + key).status()).isEqualTo(200);
  }

  @Test
  void resultsAreBoundedAndCountsAreWhole() {
    build(path, "true");
    String keys =
        IntStream.range(0, 1005).mapToObj(i -> "&key=none-" + i).collect(Collectors.joining());

    Reply reply = client.form("/rebuild", "dryRun=true&key=" + key + keys);

    assertThat(results(reply)).hasSize(1000);
    assertThat(reply.json().path("counts").path("unknown").asInt()).isEqualTo(1005);
    assertThat(reply.json().path("counts").path("flagged").asInt()).isEqualTo(1);
  }
}
