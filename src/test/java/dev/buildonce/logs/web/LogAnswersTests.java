package dev.buildonce.logs.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildonce.logs.LogBatches;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.LogsDatabase;
import dev.buildonce.logs.TestWriter;
import dev.buildonce.logs.UnsureDataSource;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

@Timeout(120)
class LogAnswersTests {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static Logs writing;
  private static TestAttempts attempts;
  private static TestReplica replica;
  private static int attempt;

  @BeforeAll
  static void start() {
    writing = LogsDatabase.replica();
    attempts = new TestAttempts(writing);
    replica =
        TestReplica.start(
            writing, attempts, "test.heartbeat", "300ms", "test.sign-of-life", "300ms");
  }

  @AfterAll
  static void stop() {
    replica.close();
    writing.stop();
    CLIENT.shutdownNow(); // a test that fails may leave an answer unread
  }

  @Test
  void textWhenEndedHasLengthAndTag() throws Exception {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    int number = ended(bytes);

    var whole = get(number);
    var again = get(number, "If-None-Match", whole.headers().firstValue("ETag").orElseThrow());
    var head = send(request(number, "").method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(whole.body()).isEqualTo(bytes);
    assertThat(whole.headers().map())
        .containsEntry("content-length", List.of("300000"))
        .containsEntry("cache-control", List.of("no-cache"))
        .containsEntry("accept-ranges", List.of("bytes"));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).contains("300000");
    assertThat(head.headers().firstValue("ETag")).isEqualTo(whole.headers().firstValue("ETag"));
  }

  @Test
  void textWhenGzipIsAskedForIsCompressed() throws Exception {
    byte[] bytes = "the same line over and over\n".repeat(10_000).getBytes(UTF_8);
    int number = ended(bytes);

    var plain = get(number);
    var gzip = get(number, "Accept-Encoding", "br, gzip");
    String tag = gzip.headers().firstValue("ETag").orElseThrow();

    assertThat(gzip.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(gzip.headers().allValues("Vary")).contains("Accept-Encoding");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes())
        .isEqualTo(bytes);
    assertThat(plain.headers().firstValue("ETag")).isPresent().get().isNotEqualTo(tag);
    assertThat(get(number, "Accept-Encoding", "gzip", "If-None-Match", tag).statusCode())
        .isEqualTo(304);
    assertThat(get(number, "Accept-Encoding", "gzip;q=0").headers().firstValue("Content-Encoding"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-4, 206, 01234, bytes 0-4/10",
    "bytes=7-, 206, 789, bytes 7-9/10",
    "bytes=7-100, 206, 789, bytes 7-9/10",
    "bytes=-3, 206, 789, bytes 7-9/10",
    "bytes=-30, 206, 0123456789, bytes 0-9/10",
    "bytes=7-99999999999999999999, 206, 789, bytes 7-9/10",
    "bytes=-99999999999999999999, 206, 0123456789, bytes 0-9/10",
    "bytes=00000000000000000000007-, 206, 789, bytes 7-9/10",
    "bytes=10-, 416, '', bytes */10",
    "bytes=99999999999999999999-, 416, '', bytes */10",
    "bytes=-0, 416, '', bytes */10",
    "'bytes=0-1,3-4', 200, 0123456789,",
    "bytes=4-2, 200, 0123456789,",
    "lines=1-2, 200, 0123456789,",
  })
  void textWhenRangeIsAskedForSendsIt(String range, int status, String body, String contentRange)
      throws Exception {
    int number = ended("0123456789".getBytes(UTF_8));

    var answer = get(number, "Range", range);

    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 416) {
      assertThat(answer.body()).asString().contains("/problems/range-not-satisfiable");
    } else {
      assertThat(answer.body()).asString().isEqualTo(body);
    }
    assertThat(answer.headers().firstValue("Content-Range").orElse(null)).isEqualTo(contentRange);
  }

  @Test
  void textWhenRunningAnswersRangesOfWhatIsStored() throws Exception {
    int number = ++attempt;
    attempts.start(number).append("0123456789".getBytes(UTF_8));

    var answer = get(number, "Range", "bytes=-4");

    assertThat(answer.statusCode()).isEqualTo(206);
    assertThat(answer.body()).asString().isEqualTo("6789");
    assertThat(answer.headers().map())
        .containsEntry("content-range", List.of("bytes 6-9/*"))
        .containsEntry("cache-control", List.of("no-store"));
    assertThat(get(number, "Range", "bytes=10-").headers().firstValue("Content-Range"))
        .contains("bytes */10");
  }

  @Test
  void textWhenIfRangeNamesTheTagSendsTheRange() throws Exception {
    int number = ended("0123456789".getBytes(UTF_8));
    String tag = get(number).headers().firstValue("ETag").orElseThrow();

    assertThat(get(number, "Range", "bytes=0-1", "If-Range", tag).statusCode()).isEqualTo(206);
    assertThat(get(number, "Range", "bytes=0-1", "If-Range", "\"other\"").statusCode())
        .isEqualTo(200);
  }

  @Test
  void textWhenStretchWasDroppedHasOneMarkerAndNoRanges() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number, new LogLimit(4096));
    for (int i = 0; i < 1000; i++) {
      writer.append("line %04d of a thousand\n".formatted(i).getBytes(UTF_8));
    }
    attempts.end(number, "1 succeeded", null);

    var answer = get(number, "Range", "bytes=0-1");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Accept-Ranges")).contains("none");
    String text = new String(answer.body(), UTF_8);
    assertThat(text).startsWith("line 0000").endsWith("line 0999 of a thousand\n");
    assertThat(text.lines().filter(line -> line.startsWith("buildonce: ")))
        .singleElement()
        .asString()
        .matches("buildonce: \\d+ bytes \\(\\d+ lines\\) of the log were dropped here, .*");
    assertThat(text.length()).isLessThan(4096 + 100);
  }

  @Test
  void textWhenFollowedEndsWithTheLastAttempt() throws Exception {
    int first = ++attempt;
    int second = ++attempt;
    TestWriter writer = attempts.start(first);
    writer.append("one ".getBytes(UTF_8));
    var body = open(request(first, "").GET()).body();

    assertThat(body.readNBytes(4)).asString().isEqualTo("one ");
    writer.append("two ".getBytes(UTF_8));
    assertThat(body.readNBytes(4)).asString().isEqualTo("two ");
    TestWriter next = attempts.start(second);
    attempts.end(first, "1 lost", second);
    next.append("three".getBytes(UTF_8));
    assertThat(body.readNBytes(5)).asString().isEqualTo("three");
    attempts.end(second, "2 succeeded", null);
    assertThat(body.readAllBytes()).isEmpty();
    await().untilAsserted(() -> assertThat(attempts.watches()).isZero());
  }

  @Test
  void textWhenStartIsNamedBeginsThere() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    writer.append("one\ntwo\nthree\nfo".getBytes(UTF_8));

    assertThat(body(number, "?follow=false")).isEqualTo("one\ntwo\nthree\nfo");
    assertThat(body(number, "?follow=false&offset=4")).isEqualTo("two\nthree\nfo");
    assertThat(body(number, "?follow=false&tail=2")).isEqualTo("three\nfo");
    assertThat(body(number, "?follow=false&offset=400")).isEmpty();
    var tail = open(request(number, "?tail=1").GET()).body();
    writer.append("ur".getBytes(UTF_8));
    attempts.end(number, "1 succeeded", null);
    assertThat(tail.readAllBytes()).asString().isEqualTo("four");
    assertThat(body(number, "?tail=2")).isEqualTo("three\nfour");
    assertThat(body(number, "?offset=17")).isEqualTo("r");
  }

  @Test
  void textWhenCompressedLiveIsReadableAtOnce() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    writer.append("first".getBytes(UTF_8));
    var answer = open(request(number, "").header("Accept-Encoding", "gzip").GET());
    var body = new GZIPInputStream(answer.body(), 1);

    assertThat(body.readNBytes(5)).asString().isEqualTo("first");
    writer.append("second".getBytes(UTF_8));
    assertThat(body.readNBytes(6)).asString().isEqualTo("second");
    attempts.end(number, "1 succeeded", null);
    assertThat(body.readAllBytes()).isEmpty();
  }

  @Test
  void textWhenByteIsWrittenIsReadableWithin250Millis() throws Exception {
    int number = ++attempt;
    var batches = new LogBatches(attempts.start(number).writer(), _ -> {}, () -> {});
    var body = open(request(number, "").GET()).body();
    long[] took = new long[20];

    for (int i = 0; i < took.length; i++) {
      long before = System.nanoTime();
      batches.write(new byte[] {'.'}, 0, 1);
      assertThat(body.read()).isEqualTo('.');
      took[i] = System.nanoTime() - before;
    }
    assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();
    attempts.end(number, "1 succeeded", null);

    Arrays.sort(took);
    // Half of them: this machine may be busy with other tests, or pause.
    Duration half = Duration.ofNanos(took[took.length / 2]);
    assertThat(half).isLessThan(Duration.ofMillis(250));
    System.out.printf("byte written to byte read over HTTP: %d ms%n", half.toMillis());
    assertThat(body.readAllBytes()).isEmpty();
  }

  @Test
  void textWhenBuildIsSilentStaysOpen() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    Logs logs = LogsDatabase.replica();
    try (var impatient =
        TestReplica.start(logs, attempts, "server.jetty.connection-idle-timeout", "1s")) {
      var answer = CLIENT.send(request(impatient, number).build(), BodyHandlers.ofInputStream());
      try (var body = answer.body()) {
        await().pollDelay(Duration.ofMillis(2500)).until(() -> true); // longer than the timeout
        writer.append("late".getBytes(UTF_8));

        assertThat(body.readNBytes(4)).asString().isEqualTo("late");
        attempts.end(number, "1 succeeded", null);
        assertThat(body.readAllBytes()).isEmpty();
      }
    } finally {
      logs.stop();
    }
  }

  @Test
  void narratedPutsOurLinesOnLinesOfTheirOwn() throws Exception {
    int first = ++attempt;
    int second = ++attempt;
    TestWriter writer = attempts.start(first);
    writer.append("no newline".getBytes(UTF_8));
    var answer = open(request(first, "").POST(HttpRequest.BodyPublishers.noBody()));
    var lines = new BufferedReader(new InputStreamReader(answer.body(), UTF_8));

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(lines.readLine()).isEqualTo("buildonce: " + first + " running");
    assertThat(lines.readLine()).isEqualTo("no newline");
    assertThat(lines.readLine()).isEqualTo("buildonce: still " + first + " running");
    attempts.tell(first, "waiting");
    assertThat(skip(lines, "buildonce: still"))
        .isEqualTo("buildonce: from " + first + " running to waiting");
    TestWriter next = attempts.start(second);
    attempts.end(first, "lost", second);
    assertThat(skip(lines, "buildonce: still")).isEqualTo("buildonce: from waiting to lost");
    assertThat(lines.readLine()).isEqualTo("buildonce: from lost to " + second + " running");
    next.append("whole line\n".getBytes(UTF_8));
    assertThat(skip(lines, "buildonce: still")).isEqualTo("whole line");
    attempts.end(second, "2 succeeded", null);
    assertThat(skip(lines, "buildonce: still"))
        .isEqualTo("buildonce: from " + second + " running to 2 succeeded");
    assertThat(lines.readLine()).isEqualTo("buildonce: 2 succeeded");
    assertThat(lines.readLine()).isNull();
  }

  @Test
  void narratedWhenVerdictIsRedIsCutAfterTheLastByte() throws Exception {
    byte[] bytes = "x".repeat(2_000_000).getBytes(UTF_8);
    int green = ended(bytes);
    int red = ++attempt;
    TestWriter writer = attempts.start(red);
    for (int from = 0; from < bytes.length; from += 500_000) {
      writer.append(bytes, from, from + 500_000);
    }
    attempts.end(red, "failed", null);

    for (int i = 0; i < 20; i++) {
      var cut = curl("-X", "POST", replica.uri("/log/" + red).toString());
      assertThat(cut.exit()).isEqualTo(18);
      assertThat(cut.output()).hasSize(bytes.length + 37).endsWith("x\nbuildonce: failed\n");
    }
    assertThat(curl("-X", "POST", replica.uri("/log/" + green).toString()).exit()).isZero();
  }

  @Test
  void narratedWhenVerdictIsRedIsCutForHttp10WhichHasNoChunks() throws Exception {
    // As much as a socket takes at once: what is on its way when the reset goes out is lost.
    byte[] bytes = "x".repeat(50_000).getBytes(UTF_8);
    int green = ended(bytes);
    int red = ++attempt;
    attempts.start(red).append(bytes);
    attempts.end(red, "failed", null);

    var cut = curl("-0", "-X", "POST", replica.uri("/log/" + red).toString());
    var whole = curl("-0", "-X", "POST", replica.uri("/log/" + green).toString());

    assertThat(cut.exit()).isEqualTo(56);
    assertThat(cut.output()).hasSize(bytes.length + 37).endsWith("x\nbuildonce: failed\n");
    assertThat(whole.exit()).isZero();
  }

  @Test
  void eventsSplitNoCharacterAndReplaceBadBytes() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    byte[] bytes = "a€b\"\n\0\r😀".getBytes(UTF_8);
    byte[] bad = {(byte) 0xff, (byte) 0xe2, (byte) 0x82};
    try (var events = new EventReader(open(events(number, null)).body())) {
      assertThat(events.next().name()).isEqualTo("status");
      for (byte each : bytes) {
        writer.append(new byte[] {each});
      }
      writer.append(bad);
      attempts.end(number, "1 succeeded", null);

      var text = new StringBuilder();
      EventReader.Event event = events.next();
      long offset = 0;
      for (; event.name().equals("log"); event = events.next()) {
        assertThat(event.data().get("offset").asLong()).isEqualTo(offset);
        long line = 1 + text.chars().filter(c -> c == '\n').count();
        assertThat(event.data().get("line").asLong()).isEqualTo(line);
        text.append(event.data().get("text").asString());
        offset = EventPosition.of(event.id()).offset();
      }
      assertThat(text.toString()).isEqualTo("a€b\"\n\0\r😀\uFFFD\uFFFD");
      assertThat(event.name()).isEqualTo("status");
      event = events.next();
      assertThat(event.name()).isEqualTo("end");
      assertThat(event.id()).isEqualTo(number + ":" + (bytes.length + 3) + ":end");
      assertThat(event.data().get("status").asString()).isEqualTo("1 succeeded");
      assertThat(events.next()).isNull();
    }
    var over = CLIENT.send(events(number, number + ":16:end").build(), BodyHandlers.discarding());
    assertThat(over.statusCode()).isEqualTo(204);
    assertThat(over.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void eventsWhenSilentSendComments() throws Exception {
    int number = ++attempt;
    attempts.start(number);
    var answer = open(events(number, null));
    try (var lines = new BufferedReader(new InputStreamReader(answer.body(), UTF_8))) {
      assertThat(answer.headers().firstValue("X-Accel-Buffering")).contains("no");
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      assertThat(skip(lines, "event: ")).startsWith("data: ");
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).isEqualTo(":");
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).isEqualTo(":");
    }
    await().untilAsserted(() -> assertThat(attempts.watches()).isZero());
  }

  @ParameterizedTest
  @CsvSource({"x", "1", "1:", "0:1", "1:-1", "1:2:stop", "1:2:end:", "1:99999999999999999999"})
  void eventsWhenIdIsMalformedAreRefused(String id) throws Exception {
    int number = ended(new byte[] {'x'});

    var answer = CLIENT.send(events(number, id).build(), BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("/problems/invalid-event-id");
  }

  @Test
  void textWhenClientGoesAwayEndsTheStream() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    open(request(number, "").GET()).body().close();

    await()
        .untilAsserted(
            () -> {
              writer.append("is anybody there? ".repeat(100).getBytes(UTF_8));
              assertThat(attempts.watches()).isZero();
            });
  }

  @Test
  void textWhenDatabaseGoesAwayBeforeTheFirstByteIsUnavailable() throws Exception {
    int number = ended(new byte[300_000]);
    var database = new UnsureDataSource(LogsDatabase.dataSource());
    Logs unlucky = LogsDatabase.replica(database, DataSize.ofMegabytes(1));
    try (var here = TestReplica.start(unlucky, attempts)) {
      database.awayAfter(1); // what is known of the log can be had, and none of its bytes

      var answer = CLIENT.send(request(here, number).build(), BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("/problems/unavailable");
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(answer.headers().firstValue("ETag")).isEmpty();
      assertThat(answer.headers().firstValue("Transfer-Encoding")).isEmpty();
      await().untilAsserted(() -> assertThat(here.viewers()).isZero());
      database.away(false);
      assertThat(CLIENT.send(request(here, number).build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    } finally {
      unlucky.stop();
    }
  }

  @Test
  void textWhenPlacesAreTakenIsRefused() throws Exception {
    int number = ++attempt;
    attempts.start(number);
    try (var small = TestReplica.start(LogsDatabase.replica(), attempts, "test.max", 2)) {
      var first = CLIENT.send(request(small, number).build(), BodyHandlers.ofInputStream());
      var second = CLIENT.send(request(small, number).build(), BodyHandlers.ofInputStream());
      await().untilAsserted(() -> assertThat(small.viewers()).isEqualTo(2));

      var third = CLIENT.send(request(small, number).build(), BodyHandlers.discarding());

      assertThat(third.statusCode()).isEqualTo(503);
      assertThat(third.headers().firstValue("Retry-After")).isPresent();
      first.body().close();
      second.body().close();
    }
  }

  @Test
  void stopWhenViewersAreThereEndsThemAtOnce() throws Exception {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    writer.append("so far".getBytes(UTF_8));
    var stopping = TestReplica.start(LogsDatabase.replica(), attempts);
    var text = CLIENT.send(request(stopping, number).build(), BodyHandlers.ofInputStream());
    var events =
        CLIENT.send(
            HttpRequest.newBuilder(stopping.uri("/log/" + number))
                .header("Accept", "text/event-stream")
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(text.body().readNBytes(6)).asString().isEqualTo("so far");
    long before = System.nanoTime();

    stopping.close();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(15));
    assertThatThrownBy(() -> text.body().read()).isInstanceOf(IOException.class);
    assertThat(events.body().readAllBytes()).asString().endsWith("retry: 500\n\n");
  }

  private record Output(int exit, String output) {}

  private static Output curl(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("curl", "-sN", "-m", "60"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return new Output(process.exitValue(), output);
  }

  private static int ended(byte[] bytes) {
    int number = ++attempt;
    TestWriter writer = attempts.start(number);
    for (int from = 0; from < bytes.length; from += 100_000) {
      writer.append(Arrays.copyOfRange(bytes, from, Math.min(from + 100_000, bytes.length)));
    }
    attempts.end(number, "1 succeeded", null);
    return number;
  }

  private static String skip(BufferedReader lines, String start) throws IOException {
    String line = lines.readLine();
    while (line != null && line.startsWith(start)) {
      line = lines.readLine();
    }
    return line;
  }

  private static String body(int number, String query) throws Exception {
    return new String(send(request(number, query).GET()).body(), UTF_8);
  }

  private static HttpResponse<byte[]> get(int number, String... headers) throws Exception {
    var request = request(number, "").GET();
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  private static HttpRequest.Builder request(int number, String query) {
    URI uri = replica.uri("/log/" + number + query);
    return HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
  }

  private static HttpRequest.Builder request(TestReplica replica, int number) {
    return HttpRequest.newBuilder(replica.uri("/log/" + number)).timeout(Duration.ofSeconds(20));
  }

  private static HttpRequest.Builder events(int number, String id) {
    var request = request(number, "").header("Accept", "text/event-stream");
    return id == null ? request : request.header("Last-Event-ID", id);
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static HttpResponse<InputStream> open(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofInputStream());
  }
}
