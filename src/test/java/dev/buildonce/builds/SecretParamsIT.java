package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Secret params over HTTP, with real builds, restarts and replicas. */
class SecretParamsIT {
  private static final String SECRET = "hunter2-Zq9x";

  /** In no script of another test. */
  private static final String UNSEEN = "shown-4-nobody";

  private static final String BUILDER =
      """
      command: [sh, -euc, "{script}"]
      params:
        script: {}
        token: {secret: true}
        user: {secret: true, default: "nobody-known"}
      """;

  private static ServiceProcess service;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    service = withBuilder();
    client = new Client(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static ServiceProcess withBuilder(String... arguments) throws IOException {
    Path home = Files.createTempDirectory("buildonce-").toRealPath();
    Files.createDirectories(home.resolve("builders"));
    Files.writeString(home.resolve("builders/deploy.yaml"), BUILDER);
    return ServiceProcess.builder().home(home).arguments(arguments).start();
  }

  private static Reply ask(Client client, String path, String script, String more) {
    return client.form(path, "builder=deploy&script=" + Client.encoded(script) + more);
  }

  private static JsonNode attempt(Reply reply) {
    JsonNode document = reply.json();
    return (document.has("build") ? document.path("build") : document).path("attempt");
  }

  @Test
  void secretReachesTheBuildAndIsShownNowhere(@TempDir Path directory) throws Exception {
    Gated gated = new Gated(directory);
    String script =
        """
        echo "token $PARAM_token, user $PARAM_user"
        echo "needs $PARAM_token" > "$BUILD_PENDING"
        printf %%s "$PARAM_token" | sha256sum
        %s
        echo "it ends with error $PARAM_token"; exit 3
        """
            .formatted(gated.script("go"));
    Reply first = ask(client, "/builds/shown?wait=1", script, "&token=" + UNSEEN);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> client.get("/builds/shown").text().contains("needs ***"));
    gated.open("go");
    Reply ended = client.get("/builds/shown?wait=30");

    assertThat(first.status()).isEqualTo(202);
    assertThat(attempt(ended).path("failure").asString())
        .isEqualTo("it ends with error *** (exit 3)");
    String log = client.get("/builds/shown/log").text();
    assertThat(log)
        .startsWith("token ***, user ***\n")
        .contains("7facdb0d5bc0a2db0a1f")
        .doesNotContain("nobody-known");
    List<String> shown = new ArrayList<>();
    for (String path :
        List.of(
            "/builds/shown",
            "/builds",
            "/builds/shown/attempts",
            "/builds/shown/attempts/1",
            "/builders",
            "/builders/deploy",
            "/actuator/prometheus")) {
      shown.add(client.get(path).text());
    }
    shown.add(client.post("/builds/shown", "Accept", "text/plain").text());
    shown.add(client.post("/builds/shown", "Accept", "text/event-stream").text());
    shown.add(service.output());
    assertThat(shown).noneMatch(text -> text.contains(UNSEEN) || text.contains("nobody-known"));
    await().atMost(Duration.ofSeconds(10)).until(() -> holding(service.home(), UNSEEN).isEmpty());
  }

  /** Files of a home, its database's included, that hold a text. */
  private static List<Path> holding(Path home, String text) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try {
          String content = Files.readString(file, StandardCharsets.ISO_8859_1);
          if (content.contains(text)) {
            found.add(file);
          }
        } catch (NoSuchFileException _) {
          continue; // gone meanwhile
        }
      }
    } catch (java.io.UncheckedIOException e) {
      return List.of(home); // something went while we looked: look again
    }
    return found;
  }

  @Test
  void missingSecretIsNamedOnlyWhereSomethingHasToBeStarted() {
    Reply refused = ask(client, "/builds/missing", "sleep 2", "");
    Reply refusedJson = client.json("/builds/missing", "{\"builder\":\"deploy\",\"params\":{}}");
    ask(client, "/builds/missing", "sleep 2", "&token=" + SECRET);
    Reply joined = ask(client, "/builds/missing", "sleep 2", "");
    client.get("/builds/missing?wait=30");
    Reply hit = ask(client, "/builds/missing", "sleep 2", "");
    Reply hitByOther = ask(client, "/builds/missing", "sleep 2", "&token=another-one");
    Reply repeated = client.post("/builds/missing");
    Reply stale = client.post("/builds/missing", "Cache-Control", "no-cache");
    Reply again =
        client.form("/builds/missing?wait=30", "token=" + SECRET, "Cache-Control", "no-cache");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.problem()).isEqualTo("invalid-build");
    assertThat(refused.json().path("errors").get(0).path("field").asString())
        .isEqualTo("params.token");
    assertThat(refusedJson.status()).isEqualTo(422);
    assertThat(joined.header("Cache-Status")).isEqualTo("buildonce; fwd=miss; collapsed");
    assertThat(hit.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(hitByOther.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(repeated.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(stale.status()).isEqualTo(422);
    assertThat(stale.json().path("errors").get(0).path("field").asString())
        .isEqualTo("params.token");
    assertThat(again.status()).isEqualTo(200);
    assertThat(attempt(again).path("number").asInt()).isEqualTo(2);
  }

  @Test
  void rebuildThatBuildsAtOnceOnlyFlagsWhatNeedsASecret() {
    ask(client, "/builds/flagged?wait=30", "true", "&token=" + SECRET);

    Reply reply = client.form("/rebuild", "key=flagged&build=true");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(client.get("/builds/flagged").json().path("rebuildRequested").asBoolean()).isTrue();
    assertThat(client.get("/builds/flagged").json().path("status").asString())
        .isEqualTo("succeeded");
  }

  @Test
  void retryKeepsTheSecret() {
    Reply reply =
        ask(
            client,
            "/builds/retried?wait=60",
            "[ $BUILD_ATTEMPT = 2 ] || kill -9 $$; [ \"$PARAM_token\" = " + SECRET + " ]",
            "&token=" + SECRET);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(attempt(reply).path("number").asInt()).isEqualTo(2);
    assertThat(attempt(reply).path("status").asString()).isEqualTo("succeeded");
  }

  @Test
  void valueThatHoldsASecretIsNotShown() {
    Reply reply =
        ask(
            client,
            "/builds/value?wait=30",
            "printf '{\"login\": \"%s\"}' \"$PARAM_token\" > \"$BUILD_VALUE\"",
            "&token=" + SECRET);

    assertThat(reply.status()).isEqualTo(424);
    assertThat(attempt(reply).path("failure").asString()).contains("holds a secret");
    assertThat(reply.text()).doesNotContain(SECRET);
  }

  @Test
  void secretTooShortToBeMaskedIsRefused() {
    Reply reply = ask(client, "/builds/short", "true", "&token=abc");

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.json().path("errors").get(0).path("field").asString())
        .isEqualTo("params.token");
  }

  @Test
  void afterARestartAttemptsWithoutTheirSecretsSayAskAgain() throws Exception {
    try (ServiceProcess mortal =
        withBuilder("--buildonce.pools.local.max=1", "--buildonce.lease-term=5s")) {
      Client there = new Client(mortal.url());
      ask(there, "/builds/running", "echo up; sleep 300", "&token=" + SECRET);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> there.get("/builds/running").text().contains("\"status\":\"running\""));
      ask(there, "/builds/queued", "[ \"$PARAM_token\" = " + SECRET + " ]", "&token=" + SECRET);

      mortal.kill9();
      mortal.restart();

      Client back = new Client(mortal.url());
      for (String key : List.of("running", "queued")) {
        JsonNode attempt = attempt(back.get("/builds/" + key + "?wait=30"));
        assertThat(attempt.path("number").asInt()).isEqualTo(1);
        assertThat(attempt.path("status").asString()).isEqualTo("errored");
        assertThat(attempt.path("failure").asString()).contains("ask again");
      }
      assertThat(back.post("/builds/queued").status()).isEqualTo(422);
      Reply again = back.form("/builds/queued?wait=30", "token=" + SECRET);
      assertThat(again.status()).isEqualTo(200);
      assertThat(again.json().path("status").asString()).isEqualTo("succeeded");
    }
  }

  @Test
  void onlyTheReplicaThatTookTheAskStartsItsAttempt() throws Exception {
    try (TestDatabase database = TestDatabase.migrated();
        ServiceProcess full = withBuilder(arguments(database, "--buildonce.pools.local.max=0"));
        ServiceProcess free = withBuilder(arguments(database))) {
      Client asked = new Client(full.url());
      Client other = new Client(free.url());

      ask(asked, "/builds/alone", "true", "&token=" + SECRET);

      // The other replica has room, and picks what came later.
      assertThat(other.script("/builds/later?wait=30", "true").status()).isEqualTo(200);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(10))
          .until(() -> other.get("/builds/alone").text().contains("\"status\":\"queued\""));
      assertThat(other.post("/builds/alone").header("Cache-Status"))
          .isEqualTo("buildonce; fwd=miss; collapsed");
      assertThat(other.post("/builds/alone/cancel").status()).isEqualTo(202);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> asked.get("/builds/alone").text().contains("\"status\":\"cancelled\""));
    }
  }

  private static String[] arguments(TestDatabase database, String... more) {
    List<String> arguments = new ArrayList<>(List.of(database.arguments()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }
}
