package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logs as curl and browsers read them from the running service. */
class LogIT {
  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  private final Client client = new Client(SERVICE.url());
  private final String path = "/builds/log-" + UUID.randomUUID();
  private final String log = path + "/log";

  @BeforeAll
  static void builderWithShortLogs() throws IOException {
    var file = SERVICE.home().resolve("builders/short.yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        command: [sh, -euc, "{script}"]
        params: { script: {} }
        log-limit: 64KB
        """);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> new Client(SERVICE.url()).get("/builders/short").status() == 200);
  }

  @Test
  void bytesAreKeptAsTheBuildWroteThem() {
    client.script(
        path + "?wait=30",
        "printf 'a\\000b\\r\\n\\377\\376\\303'; sleep 0.3; printf '\\251\\ttab\\033[31mred\\n'; printf 'no newline'");

    Reply reply = client.get(log);

    assertThat(reply.body())
        .isEqualTo(
            "a\0b\r\n\u00ff\u00fe\u00c3\u00a9\ttab\033[31mred\nno newline"
                .getBytes(StandardCharsets.ISO_8859_1));
    assertThat(reply.header("Content-Type")).startsWith("text/plain");
    assertThat(client.get(path).json().path("attempt").path("log").path("lines").asInt())
        .isEqualTo(3);
  }

  @Test
  void logIsReadInParts() {
    client.script(path + "?wait=30", "seq 1 1000");
    String whole = client.get(log).text();

    assertThat(client.get(log + "?offset=3885").text()).isEqualTo("999\n1000\n".substring(1));
    assertThat(client.get(log + "?tail=2").text()).isEqualTo("999\n1000\n");
    Reply range = client.get(log, "Range", "bytes=2-5");
    assertThat(range.status()).isEqualTo(206);
    assertThat(range.text()).isEqualTo(whole.substring(2, 6));
    assertThat(range.header("Content-Range")).isEqualTo("bytes 2-5/" + whole.length());
    assertThat(client.get(log, "Range", "bytes=-5").text()).isEqualTo("1000\n");
    Reply beyond = client.get(log, "Range", "bytes=99999-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.header("Content-Range")).isEqualTo("bytes */" + whole.length());
    Reply same = client.get(log, "If-None-Match", client.get(log).header("ETag"));
    assertThat(same.status()).isEqualTo(304);
    Reply stale = client.get(log, "Range", "bytes=2-5", "If-Range", "\"other\"");
    assertThat(stale.status()).isEqualTo(200);
    assertThat(stale.text()).isEqualTo(whole);
  }

  @Test
  void streamRefusesWhatOnlyTextCanHeed() {
    client.script(path + "?wait=30", "seq 1 3");

    Reply stream = client.get(log, "Accept", "text/event-stream");
    assertThat(stream.header("Content-Location")).endsWith(path + "/attempts/1/log");
    for (String query : List.of("?offset=2", "?tail=1", "?follow=false", "?offset=x")) {
      Reply refused = client.get(log + query, "Accept", "text/event-stream");
      assertThat(refused.status()).as(query).isEqualTo(422);
      assertThat(refused.problem()).as(query).isEqualTo("invalid-request");
    }
  }

  @Test
  void linesAreReadByTheirNumbers() {
    client.script(path + "?wait=30", "seq 1 1000");

    Reply reply = client.get(log + "/lines?from=998&count=2&timestamps=true");

    assertThat(reply.text())
        .startsWith(
            "{\"from\":998,\"lines\":[\"998\",\"999\"],\"total\":1000,\"complete\":true,\"next\":1000,");
    assertThat(reply.json().path("times").path(1).asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(reply.header("Content-Location")).endsWith(path + "/attempts/1/log/lines");
    assertThat(client.get(path + "/attempts/1/log/lines?from=1000").json().path("next").isNull())
        .isTrue();
    String tag = reply.header("ETag");
    assertThat(
            client
                .get(log + "/lines?from=998&count=2&timestamps=true", "If-None-Match", tag)
                .status())
        .isEqualTo(304);
    for (String query :
        List.of(
            "from=0", "from=-1", "count=0", "count=10001", "from=99999999999999999999", "x=1")) {
      Reply refused = client.get(log + "/lines?" + query);
      assertThat(refused.problem()).as(query).isEqualTo("invalid-request");
      assertThat(refused.json().path("errors").size()).as(query).isOne();
    }
  }

  @Test
  void textNamesWhenEachLineCame() {
    client.script(path + "?wait=30", "printf 'a\\nb\\nc'");

    assertThat(client.get(log + "?timestamps=true").text().lines())
        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]{12}Z [abc]"))
        .hasSize(3);
  }

  @Test
  void logIsSearchedWhereItIs() {
    client.script(path + "?wait=30", "printf '::group::It\\n'; seq 1 1000; printf 'é An Error\\n'");

    Reply found = client.get(log + "/search?q=error&buckets=2");

    assertThat(found.json().path("count").asInt()).isEqualTo(1);
    assertThat(found.json().path("hits").path(0).path("line").asInt()).isEqualTo(1002);
    assertThat(found.json().path("hits").path(0).path("spans").toString()).isEqualTo("[[5,10]]");
    assertThat(found.json().path("buckets").toString()).isEqualTo("[0,1]");
    assertThat(client.get(log + "/search?q=error&case=true").json().path("count").asInt()).isZero();
    assertThat(client.get(log + "/search?regex=true&q=%5E9%2B%24").json().path("count").asInt())
        .isEqualTo(3);
    String events = client.get(log + "/search?q=99", "Accept", "text/event-stream").text();
    assertThat(events.replaceAll("event: progress\n.*\n\n", ""))
        .startsWith("event: hits\ndata: {\"hits\":[{\"line\":100,")
        .contains("event: end\n");
    for (String query : List.of("", "q=", "q=(&regex=true", "q=a&limit=1001", "q=a&case=x")) {
      assertThat(client.get(log + "/search?" + query).problem())
          .as(query)
          .isEqualTo("invalid-request");
    }
    assertThat(client.get(log + "/folds").json().path("folds").toString())
        .isEqualTo(
            "[{\"first\":1,\"last\":1002,\"title\":\"It\",\"open\":false,\"seconds\":null}]");
  }

  @Test
  void logIsCompressedOnRequest() throws IOException {
    client.script(path + "?wait=30", "seq 1 1000");

    Reply reply = client.get(log, "Accept-Encoding", "gzip");

    assertThat(reply.header("Content-Encoding")).isEqualTo("gzip");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(reply.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("1\n2\n")
          .endsWith("1000\n");
    }
  }

  @Test
  void whatIsStoredIsReadWithoutFollowing(@TempDir Path directory) throws IOException {
    Gated gated = new Gated(directory);
    client.script(path, "echo first\n" + gated.script("go") + "echo second");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> client.get(log + "?follow=false").text().equals("first\n"));

    Reply running = client.get(log, "Range", "bytes=0-2");

    assertThat(running.status()).isEqualTo(206);
    assertThat(running.header("Content-Range")).isEqualTo("bytes 0-2/*");
    gated.open("go");
    assertThat(client.get(log).text()).isEqualTo("first\nsecond\n");
  }

  @Test
  void writtenBytesAreReadableWithinAQuarterOfASecond() throws IOException {
    // Each stamp is what the build's clock says as it writes, without a newline behind it.
    client.script(
        path, "for i in $(seq 20); do printf '%s,' \"$(date +%s%N)\"; sleep 0.17; done; sleep 1");
    List<Long> millis = new ArrayList<>();

    URLConnection reading = URI.create(SERVICE.url() + log).toURL().openConnection();
    reading.setReadTimeout(30_000);
    try (InputStream in = reading.getInputStream()) {
      StringBuilder stamp = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == ',') {
          millis.add(System.currentTimeMillis() - Long.parseLong(stamp.toString()) / 1_000_000);
          stamp.setLength(0);
        } else {
          stamp.append((char) c);
        }
      }
    }

    // Half of them: this machine may be busy with other tests, or pause.
    assertThat(millis).hasSize(20);
    assertThat(millis.stream().sorted().limit(10)).allMatch(late -> late <= 250, millis.toString());
  }

  @Test
  void logOverItsLimitKeepsHeadAndTailAroundAMarker() {
    client.form(path + "?wait=60", "builder=short&script=" + Client.encoded("seq 1 100000"));

    Reply reply = client.get(log, "Range", "bytes=0-9");
    JsonNode attempt = client.get(path).json().path("attempt");

    assertThat(attempt.path("status").asString()).isEqualTo("succeeded");
    assertThat(attempt.path("log").path("lines").asInt()).isEqualTo(100_000);
    assertThat(attempt.path("log").path("bytes").asInt()).isEqualTo(588_895);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Accept-Ranges")).isEqualTo("none");
    assertThat(reply.body().length).isBetween(30_000, 66_000);
    assertThat(reply.text()).startsWith("1\n2\n3\n").endsWith("99999\n100000\n");
    assertThat(reply.text().lines().filter(line -> line.startsWith("buildonce: "))).hasSize(1);
  }

  @Test
  void eventStreamIsExactAcrossAThousandReconnects() throws Exception {
    // The build writes to a file of its own, too, until it is told to stop.
    Path own = Files.createTempFile("own", ".log");
    Path stop = own.resolveSibling(own.getFileName() + ".stop");
    client.script(
        path,
        "i=0; while [ ! -e %s ]; do echo \"line $i é\"; i=$((i+1)); [ $((i %% 20)) -ne 0 ] || sleep 0.05; done | tee %s"
            .formatted(stop, own));
    StringBuilder text = new StringBuilder();
    String last = "";
    boolean ended = false;
    Random random = new Random(42);
    int connections = 0;
    try {
      while (!ended) {
        if (++connections == 1001) {
          Files.createFile(stop);
        }
        // Some more may be cut where the machine pauses.
        assertThat(connections).isLessThan(1100);
        int most = connections > 1000 ? Integer.MAX_VALUE : random.nextInt(8) == 0 ? 3 : 1;
        try (EventReader events = new EventReader(log, last)) {
          EventReader.Event event;
          for (int i = 0; i < most && !ended && (event = events.next()) != null; i++) {
            if (event.name.equals("log")) {
              JsonNode data = JsonMapper.shared().readTree(event.data);
              assertThat(data.path("offset").asLong())
                  .isEqualTo(text.toString().getBytes(StandardCharsets.UTF_8).length);
              text.append(data.path("text").asString());
            }
            ended = event.name.equals("end");
            last = event.id.isEmpty() ? last : event.id;
          }
        } catch (SocketException e) {
          System.out.println("A stream was cut: " + e);
        }
      }
    } finally {
      if (!Files.exists(stop)) {
        Files.createFile(stop); // else the build of a test that failed goes on for an hour
      }
    }

    assertThat(text.toString()).isEqualTo(Files.readString(own));
    Files.delete(own);
    Files.delete(stop);
    Reply after = client.get(log, "Accept", "text/event-stream", "Last-Event-ID", last);
    assertThat(after.status()).isEqualTo(204);
    Reply malformed = client.get(log, "Accept", "text/event-stream", "Last-Event-ID", "x");
    assertThat(malformed.status()).isEqualTo(400);
    assertThat(connections).isGreaterThan(1000);
  }

  @Test
  void readerThatStopsReadingSlowsNobody() throws Exception {
    client.script(
        path, "sleep 1; head -c 30000000 /dev/zero | tr '\\0' 'x' | fold -w 100; echo end");
    try (Socket stalled = new Socket(InetAddress.getLoopbackAddress(), SERVICE.port())) {
      stalled
          .getOutputStream()
          .write(
              ("GET " + log + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));

      Reply reply = client.get(log);

      assertThat(reply.body().length).isEqualTo(30_000_000 + 300_000 - 1 + 4);
      assertThat(reply.text()).endsWith("x" + "end\n");
    }
  }

  /** One connection to an event stream, that may be dropped at any moment. */
  private static final class EventReader implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;

    record Event(String id, String name, String data) {}

    EventReader(String log, String lastEventId) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), SERVICE.port());
      socket.setSoTimeout(30_000);
      // HTTP/1.0: no chunks to take apart.
      String request =
          "GET "
              + log
              + " HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
              + (lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n")
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line = lines.readLine();
      if (line == null || line.contains(" 503 ")) {
        throw new SocketException("Refused for now: " + line);
      }
      assertThat(line).contains(" 200 ");
      while (line != null && !line.isEmpty()) {
        line = lines.readLine();
      }
    }

    Event next() throws IOException {
      String id = "";
      String name = "";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty() && !name.isEmpty()) {
          return new Event(id, name, data);
        }
        id = line.startsWith("id: ") ? line.substring(4) : id;
        name = line.startsWith("event: ") ? line.substring(7) : name;
        data = line.startsWith("data: ") ? line.substring(6) : data;
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
