package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.failure;
import static dev.buildonce.dispatch.RealBuilds.script;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a service does that is told to stop: in order, in time, and so that nobody is misled. */
class StopIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(6);
  private static final Pattern EVENT_ID = Pattern.compile("(?m)^id: ?(.*)$");

  private static ServiceProcess service;
  private static RealBuilds builds;

  @TempDir private Path files;

  private final String key = "stop-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    service =
        ServiceProcess.builder()
            // A shell ignores INT for what it starts in the background, and a JVM keeps to that.
            .by("env", "--default-signal")
            .home(
                RealBuilds.home(
                    Map.of(
                        "plain", script("grace: 1s\n"), "one", script("pool: one\ngrace: 1s\n"))))
            .arguments(
                "--buildonce.pools.one.max=1",
                "--buildonce.pools.one.shutdown-timeout=1s",
                "--buildonce.pools.local.shutdown-timeout=" + TIMEOUT.toSeconds() + "s")
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

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  void stoppedServiceGivesItsBuildsTheirTimeAndSendsAwayWhoWaits(String signal, int exitCode)
      throws Exception {
    Fugitives fugitives = new Fugitives(files);
    String endless = "[ $BUILD_ATTEMPT = 1 ] || exit 0\n";
    String escaping = endless + fugitives.script() + "echo loose; sleep 600";
    builds.start(key, "one", escaping);
    builds.start(key + "-queued", "one", "true");
    String patient = endless + "echo begin; sleep 600";
    builds.start(key + "-patient", "plain", patient);
    String brief =
        "echo begin; while [ ! -e %s/told ]; do sleep 0.05; done; sleep 0.3; echo end"
            .formatted(files);
    builds.start(key + "-brief", "plain", brief);
    fugitives.awaitLoose();
    var unsure = async(() -> builds.client().get("/builds/" + key + "?wait=60"));
    var sure = async(() -> builds.client().get("/builds/" + key + "?wait=60&expect=success"));
    var queued = async(() -> builds.client().get("/builds/" + key + "-queued?wait=60"));
    var ended = async(() -> builds.client().get("/builds/" + key + "-brief?wait=60"));
    var text =
        async(
            () ->
                builds.ask(
                    key + "-patient",
                    "?expect=success",
                    "plain",
                    Map.of("script", patient),
                    Map.of("Accept", "text/plain")));
    var briefText =
        async(
            () ->
                builds.ask(
                    key + "-brief",
                    "?expect=success",
                    "plain",
                    Map.of("script", brief),
                    Map.of("Accept", "text/plain")));
    Streamed events = events(key + "-patient");
    await()
        .until(
            () ->
                List.of("", "-queued", "-patient", "-brief").stream()
                        .mapToInt(suffix -> builds.look(key + suffix).path("waiters").asInt())
                        .sum()
                    == 6);

    long begin = System.nanoTime();
    Parts.signal(signal, service.pid());
    Files.createFile(files.resolve("told"));
    Parts.signal(signal, service.pid());
    assertThat(service.awaitExit()).isEqualTo(exitCode);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);

    assertThat(took).isBetween(TIMEOUT, TIMEOUT.plusSeconds(16));
    System.out.printf("Stopped by %s after %.1f s%n", signal, took.toMillis() / 1e3);
    fugitives.assertNoneLeft(key);
    await().atMost(Duration.ofSeconds(30)).until(() -> HomeProcesses.of(service.home()).isEmpty());
    assertThat(unsure.join().status()).isEqualTo(200);
    assertThat(status(unsure.join().json())).isEqualTo("queued");
    assertThat(sure.join().status()).isEqualTo(504);
    assertThat(sure.join().problem()).isEqualTo("not-finished");
    assertThat(status(queued.join().json())).isEqualTo("queued");
    assertThat(ended.join().status()).isEqualTo(200);
    assertThat(status(ended.join().json())).isEqualTo("succeeded");
    assertThat(briefText.join().text()).contains("\nend\nbuildonce: succeeded");
    assertThatThrownBy(text::join).isInstanceOf(CompletionException.class);
    String seen = events.whole();
    assertThat(seen).contains("begin").doesNotContain("event: end", "event:end");
    assertThat(service.output()).doesNotContain("Exception");

    service.restart();
    String last = EVENT_ID.matcher(seen).results().reduce((_, next) -> next).orElseThrow().group(1);
    String resumed = events(key + "-patient", "Last-Event-ID", last).whole();
    assertThat(resumed).containsPattern("event: ?end").doesNotContain("begin");
    for (String suffix : List.of("", "-patient")) {
      Reply reply = builds.end(key + suffix);
      assertThat(status(reply.json())).isEqualTo("succeeded");
      assertThat(reply.json().path("attempt").path("number").asInt()).isEqualTo(2);
      assertThat(status(builds.attempt(key + suffix, 1))).isEqualTo("lost");
      assertThat(failure(builds.attempt(key + suffix, 1))).contains("The service was stopped");
    }
    Reply ran = builds.end(key + "-queued");
    assertThat(status(ran.json())).isEqualTo("succeeded");
    assertThat(ran.json().path("attempt").path("number").asInt()).isOne();
  }

  private static CompletableFuture<Reply> async(Supplier<Reply> request) {
    return CompletableFuture.supplyAsync(request, Thread::startVirtualThread);
  }

  private static Streamed events(String key, String... headers) {
    return new Streamed(
        builds
            .client()
            .request("/builds/" + key + "/log", headers)
            .header("Accept", "text/event-stream"));
  }
}
