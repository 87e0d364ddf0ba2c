package dev.buildonce.builds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.RawHttp;
import dev.buildonce.ServiceProcess;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that hang up while their answer is held back, and those that only look like it. */
class HangUpIT {
  private final ServiceProcess service = ServiceProcess.shared();
  private final Client client = new Client(service.url());
  private final String key = "hang-up-" + UUID.randomUUID();
  private final String path = "/builds/" + key;
  private Gated gated;

  @BeforeEach
  void start(@TempDir Path directory) {
    gated = new Gated(directory);
    client.script(path, gated.script("go"));
    Gated.awaitText(client, path, "\"status\":\"running\"");
  }

  private String ask(String version) {
    return "POST " + path + "?wait=60 HTTP/" + version + "\r\nHost: localhost\r\n\r\n";
  }

  private void awaitWaiters(int count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> client.get(path).text().contains("\"waiters\":" + count + ","));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callerThatHangsUpNoLongerWaits(boolean reset) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.getOutputStream().write(ask("1.1").getBytes(UTF_8));
      awaitWaiters(1);
      assertThat(client.post(path + "/cancel?ifUnwanted=true").status()).isEqualTo(409);
      if (reset) {
        socket.setSoLinger(true, 0);
      }
    }

    awaitWaiters(0);
    assertThat(client.post(path + "/cancel?ifUnwanted=true").status()).isEqualTo(202);
  }

  @Test
  void streamThatHangsUpNoLongerWaits() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n")
                  .getBytes(UTF_8));
      awaitWaiters(1);
    }

    awaitWaiters(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1"})
  void callerThatOnlySendsNothingMoreGetsItsAnswer(String version) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(ask(version).getBytes(UTF_8));
      awaitWaiters(1);
      socket.shutdownOutput();
      awaitWaiters(0);
      gated.open("go");

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 200")
          .contains("\"status\":\"succeeded\"");
    }
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInTheirOrder() throws Exception {
    try (RawHttp http = RawHttp.connect(service.port(), Duration.ofSeconds(30))) {
      String next = "GET " + path + "/attempts/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
      http.send(ask("1.1"));
      awaitWaiters(1);
      http.send(next.substring(0, 1));
      // Long enough to be looked at; still a caller that waits.
      await()
          .during(Duration.ofSeconds(4))
          .atMost(Duration.ofSeconds(10))
          .until(() -> client.get(path).json().path("waiters").asInt() == 1);
      http.send(next.substring(1) + next);
      gated.open("go");

      assertThat(http.answer().text()).contains("\"key\":\"" + key + "\"");
      assertThat(http.answer().text()).contains("\"number\":1,");
      assertThat(http.answer().text()).contains("\"number\":1,");
      http.send(next);
      assertThat(http.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void byteThatWasSentAheadIsReadWhenTheRestComesMuchLater() throws Exception {
    try (RawHttp http = RawHttp.connect(service.port(), Duration.ofSeconds(30))) {
      http.send(ask("1.1"));
      awaitWaiters(1);
      http.send("G");
      await()
          .during(Duration.ofSeconds(4))
          .atMost(Duration.ofSeconds(10))
          .until(() -> client.get(path).json().path("waiters").asInt() == 1);
      gated.open("go");
      assertThat(http.answer().status()).isEqualTo(200);

      http.send("ET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");

      assertThat(http.answer().text()).contains("\"key\":\"" + key + "\"");
    }
  }
}
