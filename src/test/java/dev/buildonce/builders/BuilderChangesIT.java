package dev.buildonce.builders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import dev.buildonce.builds.Gated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Builder files that change under the running service. */
class BuilderChangesIT {
  /** What the README promises as "within seconds". */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static ServiceProcess service;
  private static Client client;

  private Gated gated;
  private final String name = "b" + UUID.randomUUID().toString().substring(0, 8);
  private final String path = "/builds/" + name;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start("--buildonce.pools.one.max=1");
    client = new Client(service.url());
    Files.createDirectories(service.home().resolve("builders"));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void gates(@TempDir Path directory) {
    gated = new Gated(directory);
  }

  private Path file() {
    return service.home().resolve("builders/" + name + ".yaml");
  }

  /** Writes the builder's file as an editor does, and waits until its definition is in use. */
  private void define(String yaml) throws IOException {
    String before = version();
    Files.writeString(file(), yaml);
    await().atMost(SOON).until(() -> !version().equals(before));
  }

  /** For what changes no version. */
  private void define(String yaml, String field, String value) throws IOException {
    Files.writeString(file(), yaml);
    await()
        .atMost(SOON)
        .until(() -> client.get("/builders/" + name).json().path(field).asString("").equals(value));
  }

  private String version() {
    return client.get("/builders/" + name).json().path("version").asString("");
  }

  private Reply ask(String more, String... headers) {
    return client.form(path + "?wait=30", "builder=" + name + more, headers);
  }

  private static String problems() {
    JsonNode builders =
        client.get("/actuator/health/readiness").json().path("components").path("builders");
    assertThat(builders.path("status").asString()).isEqualTo("UP");
    return builders.path("details").path("problems").toString();
  }

  /** A command that waits for the gate "go". */
  private String waiting() {
    return "command: [sh, -c, '" + gated.script("go").strip() + "']";
  }

  private static int number(Reply reply) {
    return reply.json().path("attempt").path("number").asInt();
  }

  private String log() {
    return client.get(path + "/log").text();
  }

  @Test
  void changedFileIsUsedWithinSecondsAndStalesOutcomes() throws IOException {
    define("command: [echo, one]");
    Reply first = ask("");
    String log = log();

    define("command: [echo, two]");
    Reply looked = client.get(path);
    Reply second = ask("");
    Reply third = ask("");

    assertThat(first.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(log).isEqualTo("one\n");
    assertThat(looked.json().path("builderVersion").asString())
        .isEqualTo(version())
        .isNotEqualTo(looked.json().path("outcome").path("builderVersion").asString());
    assertThat(second.header("Cache-Status"))
        .isEqualTo("buildonce; fwd=stale; detail=builder-changed");
    assertThat(second.json().path("attempt").path("reason").asString())
        .isEqualTo("builder-changed");
    assertThat(log()).isEqualTo("two\n");
    assertThat(third.header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void attemptUnderWayIsJoinedWhateverItsVersion() throws Exception {
    define(waiting());
    client.form(path, "builder=" + name);

    define("command: [echo, later]");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var asking = callers.submit(() -> ask(""));
      Gated.awaitText(client, path, "\"waiters\":1");
      gated.open("go");

      Reply reply = asking.get();
      assertThat(reply.header("Cache-Status")).isEqualTo("buildonce; fwd=miss; collapsed");
      assertThat(reply.status()).isEqualTo(200);
      assertThat(number(reply)).isEqualTo(1);
    }
    Reply later = client.form(path, "builder=" + name);
    assertThat(later.header("Cache-Status"))
        .isEqualTo("buildonce; fwd=stale; detail=builder-changed");
  }

  @Test
  void badFileKeepsTheOlderDefinitionAndShowsInReadiness() throws IOException {
    define("command: [echo, one]");
    ask("");
    String version = version();

    Files.writeString(file(), "command: [echo, two]\ntiemout: 5m\n");
    await().atMost(SOON).until(() -> problems().contains("tiemout"));

    assertThat(problems()).contains(name + ".yaml", "line 2", "the older one stays");
    assertThat(version()).isEqualTo(version);
    assertThat(ask("").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(number(ask("", "Cache-Control", "no-cache"))).isEqualTo(2);
    assertThat(log()).isEqualTo("one\n");

    define("command: [echo, two]\ntimeout: 5m\n");
    assertThat(problems()).doesNotContain("tiemout");
  }

  @Test
  void removedBuilderStillAnswersHitsAndStartsNothing() throws IOException {
    define("{command: [echo, '{a}'], params: {a: {}}}");
    ask("&a=one");

    Files.delete(file());
    await().atMost(SOON).until(() -> client.get("/builders/" + name).status() == 404);

    assertThat(ask("&a=one").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(client.post(path).header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(client.get(path).json().path("builderVersion").isNull()).isTrue();
    assertThat(ask("&a=two").problem()).isEqualTo("key-conflict");
    for (Reply refused :
        new Reply[] {
          ask("&a=one", "Cache-Control", "no-cache"),
          client.form(path + "-new", "builder=" + name + "&a=one")
        }) {
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.problem()).isEqualTo("invalid-build");
      assertThat(refused.json().path("errors").get(0).path("field").asString())
          .isEqualTo("builder");
    }
    client.form("/rebuild", "key=" + name);
    assertThat(ask("&a=one").status()).isEqualTo(422);
    assertThat(client.get(path).json().path("attempt").path("number").asInt()).isEqualTo(1);

    define("{command: [echo, '{a}'], params: {a: {}}}");
    assertThat(ask("&a=one").header("Cache-Status"))
        .isEqualTo("buildonce; fwd=stale; detail=rebuild");
  }

  @Test
  void attemptThatIsQueuedWhenItsBuilderGoesSaysSo() throws IOException {
    Path blocker = service.home().resolve("builders/blocker.yaml");
    Files.writeString(blocker, waiting() + "\npool: one");
    define("{command: [echo, one], pool: one}");
    await().atMost(SOON).until(() -> client.get("/builders/blocker").status() == 200);
    client.form("/builds/blocker", "builder=blocker");
    client.form(path, "builder=" + name);
    Files.delete(file());
    await().atMost(SOON).until(() -> client.get("/builders/" + name).status() == 404);
    gated.open("go");

    Reply reply = client.get(path + "?wait=30");

    assertThat(reply.json().path("attempt").path("status").asString()).isEqualTo("errored");
    assertThat(reply.json().path("attempt").path("failure").asString())
        .contains("The builder " + name + " is gone");
  }

  @Test
  void paramThatCameLaterCountsAsEqualWhereItIsLeftOut() throws IOException {
    define("{command: [echo, '{a}'], params: {a: {}}, on-change: keep}");
    ask("&a=one");

    define("{command: [echo, '{a}-{b}'], params: {a: {}, b: {default: x}}, on-change: keep}");

    assertThat(ask("&a=one").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(client.post(path).header("Cache-Status")).isEqualTo("buildonce; hit");
    Reply given = ask("&a=one&b=y");
    assertThat(given.problem()).isEqualTo("key-conflict");
    assertThat(given.json().path("errors").get(0).path("field").asString()).isEqualTo("params.b");
    Reply started = ask("&a=one", "Cache-Control", "no-cache");
    assertThat(started.status()).isEqualTo(200);
    assertThat(log()).isEqualTo("one-x\n");
    // From its start on the key names it.
    assertThat(started.json().path("params").path("b").asString()).isEqualTo("x");
    assertThat(ask("&a=one&b=x").header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void paramThatWentIsNoReasonToRefuse() throws IOException {
    define("{command: [echo, '{a}-{b}'], params: {a: {}, b: {default: x}}, on-change: keep}");
    ask("&a=one");

    define("{command: [echo, '{a}'], params: {a: {}}, on-change: keep}");

    assertThat(ask("&a=one").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(ask("&a=one&b=x").status()).isEqualTo(422);
    assertThat(ask("&a=one", "Cache-Control", "no-cache").status()).isEqualTo(200);
    assertThat(log()).isEqualTo("one\n");
  }

  @Test
  void keepLetsOutcomesOfOlderDefinitionsAnswer() throws IOException {
    define("{command: [echo, one], on-change: keep}");
    ask("");

    define("{command: [echo, two], on-change: keep}");
    Reply kept = ask("");
    define("{command: [echo, two], on-change: rebuild}", "onChange", "rebuild");
    Reply stale = ask("");

    assertThat(kept.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(stale.header("Cache-Status"))
        .isEqualTo("buildonce; fwd=stale; detail=builder-changed");
    assertThat(log()).isEqualTo("two\n");
  }

  @Test
  void outcomesExpireByTheWordOfTheirBuilder() throws IOException {
    define("{command: [sh, -c, 'exit $PARAM_code'], params: {code: {}}}");
    ask("&code=0");
    assertThat(client.get(path).json().path("expiresAt").isNull()).isTrue();

    String limits =
        "{command: [sh, -c, 'exit $PARAM_code'], params: {code: {}}, success-max-age: 1h, failure-max-age: %s}";
    define(limits.formatted("2h"), "failureMaxAgeSeconds", "7200.0");
    JsonNode build = client.get(path).json();
    client.form(path + "-red?wait=30", "builder=" + name + "&code=1");
    Reply red = client.post(path + "-red");
    define(limits.formatted("1s"), "failureMaxAgeSeconds", "1.0");
    JsonNode redBuild = client.get(path + "-red").json();

    Instant finished = Instant.parse(build.path("outcome").path("finishedAt").asString());
    assertThat(Instant.parse(build.path("expiresAt").asString()))
        .isEqualTo(finished.plus(Duration.ofHours(1)));
    assertThat(ask("&code=0").header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(red.header("Cache-Status")).isEqualTo("buildonce; hit");
    Instant expires = Instant.parse(redBuild.path("expiresAt").asString());
    await().atMost(SOON).until(() -> Instant.now().isAfter(expires));
    assertThat(client.get(path + "-red").json().path("status").asString()).isEqualTo("failed");
    assertThat(client.get(path + "-red?expect=success").status()).isEqualTo(504);
    Reply again = client.post(path + "-red?wait=30");
    assertThat(again.header("Cache-Status")).isEqualTo("buildonce; fwd=stale; detail=expired");
    assertThat(again.json().path("attempt").path("reason").asString()).isEqualTo("expired");
    assertThat(number(again)).isEqualTo(2);
  }

  @Test
  void shippedBuilderIsReplacedByAFileAndComesBack() throws IOException {
    Path git = service.home().resolve("builders/git.yaml");
    String shipped = client.get("/builders/git").json().path("version").asString();

    Files.writeString(git, "command: [mine]");
    await()
        .atMost(SOON)
        .until(
            () -> !client.get("/builders/git").json().path("version").asString().equals(shipped));
    Files.delete(git);

    await()
        .atMost(SOON)
        .until(() -> client.get("/builders/git").json().path("version").asString().equals(shipped));
  }
}
