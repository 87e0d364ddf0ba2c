package dev.buildonce.problems;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.Edge;
import dev.buildonce.RawHttp;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class WebServerTests {

  static Edge edge;
  static Edge hasty;

  @BeforeAll
  static void start() {
    edge = Edge.start(List.of(Controller.class));
    hasty = Edge.start(List.of(Controller.class), "--server.jetty.connection-idle-timeout=1s");
  }

  @AfterAll
  static void stop() {
    hasty.close();
    edge.close();
  }

  @Test
  void requestWhenItIsHeldLongerThanTheIdleTimeoutIsAnswered() {
    assertThat(textOf(hasty, "/held?seconds=3")).isEqualTo("held");
  }

  @Test
  void streamWhenItIsSilentLongerThanTheIdleTimeoutGoesOn() {
    assertThat(textOf(hasty, "/silent")).isEqualTo("data:after a silence\n\n");
  }

  @Test
  void requestsWhenThousandsComeAtOnceAreHeldWithoutStarvingOthers() throws Exception {
    int callers = 2500;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var gates = edge.bean(Controller.class);
      gates.arrived = new CountDownLatch(callers);
      gates.gate = new CountDownLatch(1);
      var answers =
          IntStream.range(0, callers)
              .mapToObj(_ -> CompletableFuture.supplyAsync(() -> textOf(edge, "/gate"), threads))
              .toList();

      assertThat(gates.arrived.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(textOf(edge, "/actuator/health/liveness")).contains("UP");
      gates.gate.countDown();

      assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo("through"));
    }
  }

  @Test
  void answerWhenItFailsHalfwayIsCutOff(CapturedOutput output) {
    var kept = message("/half").replace("Connection: close", "Connection: keep-alive");

    assertThatThrownBy(() -> RawHttp.exchange(edge.port(), kept)).isInstanceOf(IOException.class);

    assertThat(output).contains("half of it");
  }

  @Test
  void answerWhenItsReaderIsGoneMakesNoNoise(CapturedOutput output) throws IOException {
    var controller = edge.bean(Controller.class);
    controller.writeFailed = new CompletableFuture<>();
    try (var http = RawHttp.connect(edge.port(), Duration.ofSeconds(10))) {
      http.send(message("/endless"));
    }

    assertThat(controller.writeFailed).succeedsWithin(Duration.ofSeconds(20));
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .until(() -> output.getAll().lines().noneMatch(line -> line.startsWith("\tat ")));
  }

  @Test
  void answerWhenItsReaderStopsReadingIsGivenUp() throws IOException {
    var controller = hasty.bean(Controller.class);
    controller.writeFailed = new CompletableFuture<>();
    try (var http = RawHttp.connect(hasty.port(), Duration.ofSeconds(10))) {
      http.send(message("/endless"));

      assertThat(controller.writeFailed).succeedsWithin(Duration.ofSeconds(20));
    }
  }

  @Test
  void unexpectedFailureIsLoggedOnceAndTellsNothing(CapturedOutput output) throws IOException {
    var answer = get("/boom");

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).contains("/problems/internal").doesNotContain("secret");
    assertThat(answer.header("X-Kept")).isEqualTo("yes");
    assertThat(answer.header("ETag")).isEmpty();
    assertThat(output.getAll().lines().filter(line -> line.contains("secret"))).hasSize(1);
    var reference = answer.text().replaceAll(".*\"reference\":\"([0-9a-f]+)\".*", "$1");
    assertThat(output).contains("reference " + reference);
  }

  @Test
  void databaseThatIsAwayIsUnavailable() throws IOException {
    for (var how : List.of("connection", "transaction", "state")) {
      var answer = get("/away/" + how);

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).contains("/problems/unavailable");
      assertThat(answer.header("Retry-After")).isEqualTo("5");
    }
  }

  @Test
  void parametersThatDoNotFitAreNamed() throws IOException {
    assertThat(get("/held").text()).contains("invalid-request").contains("\"field\":\"seconds\"");
    assertThat(get("/held?seconds=x").text()).contains("invalid-request").contains("\"seconds\"");
  }

  @Test
  void largeAnswersArePackedButLogsAndStreamsAreNot() throws IOException {
    var json = packed("/large/json");
    var log = packed("/large/text");
    var stream = packed("/silent");

    assertThat(json.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(json.header("Vary")).contains("Accept-Encoding");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(json.body()))) {
      assertThat(new String(in.readAllBytes(), UTF_8)).hasSize(5002);
    }
    assertThat(log.header("Content-Encoding")).isEmpty();
    assertThat(log.text()).hasSize(5002);
    assertThat(stream.header("Content-Encoding")).isEmpty();
  }

  @Test
  void etagOfAPackedAnswerIsRecognized() throws IOException {
    var etag = packed("/large/json").header("ETag");

    var again =
        RawHttp.exchange(
            edge.port(),
            message("/large/json", "Accept-Encoding: gzip\r\nIf-None-Match: " + etag + "\r\n"));

    assertThat(etag).isNotEmpty();
    assertThat(again.status()).as(etag).isEqualTo(304);
  }

  private static RawHttp.Answer get(String path) throws IOException {
    return RawHttp.exchange(edge.port(), message(path));
  }

  private static RawHttp.Answer packed(String path) throws IOException {
    return RawHttp.exchange(edge.port(), message(path, "Accept-Encoding: gzip\r\n"));
  }

  private static String textOf(Edge server, String path) {
    try {
      return RawHttp.exchange(server.port(), message(path)).text();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String message(String path, String... headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  @RestController
  static class Controller {

    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile CountDownLatch arrived = new CountDownLatch(0);
    volatile CompletableFuture<IOException> writeFailed = new CompletableFuture<>();

    @GetMapping("/held")
    String held(@RequestParam int seconds) {
      Awaitility.await().pollDelay(Duration.ofSeconds(seconds)).until(() -> true);
      return "held";
    }

    @GetMapping("/gate")
    String gate() throws InterruptedException {
      arrived.countDown();
      gate.await(60, TimeUnit.SECONDS);
      return "through";
    }

    @GetMapping("/silent")
    SseEmitter silent() {
      var emitter = new SseEmitter(0L);
      Thread.ofVirtual()
          .start(
              () -> {
                Awaitility.await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
                try {
                  emitter.send("after a silence");
                  emitter.complete();
                } catch (IOException e) {
                  emitter.completeWithError(e);
                }
              });
      return emitter;
    }

    @GetMapping("/half")
    void half(HttpServletResponse response) throws IOException {
      response.setContentType("text/plain");
      response.getOutputStream().print("half");
      response.flushBuffer();
      throw new IllegalStateException("half of it");
    }

    @GetMapping("/endless")
    void endless(HttpServletResponse response) throws IOException {
      try {
        while (true) {
          response.getOutputStream().write(new byte[100_000]);
        }
      } catch (IOException e) {
        writeFailed.complete(e);
        throw e;
      }
    }

    @GetMapping("/boom")
    void boom(HttpServletResponse response) throws IOException {
      response.setHeader("X-Kept", "yes");
      response.setHeader("ETag", "\"1\"");
      response.getWriter().print("begun");
      throw new IllegalStateException("secret");
    }

    @GetMapping("/away/{how}")
    void away(@PathVariable String how) {
      throw switch (how) {
        case "connection" -> new CannotGetJdbcConnectionException("gone");
        case "transaction" -> new CannotCreateTransactionException("gone");
        default -> new IllegalStateException(new java.sql.SQLException("shut down", "57P01"));
      };
    }

    @GetMapping(path = "/large/json", produces = "application/json")
    ResponseEntity<String> json() {
      return ResponseEntity.ok().eTag("abc").body("\"" + "a".repeat(5000) + "\"");
    }

    @GetMapping(path = "/large/text", produces = "text/plain")
    String text() {
      return "\"" + "a".repeat(5000) + "\"";
    }
  }
}
