package dev.buildonce.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Edge;
import dev.buildonce.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConnectionsTests {

  @Test
  void connectWhenThereAreEnoughIsToldSoButHealthIsAnswered() throws IOException {
    try (var edge = Edge.start(List.of(), "--buildonce.max-connections=2");
        var first = connect(edge);
        var second = connect(edge)) {
      assertThat(first.send(get("/none")).answer().status()).isEqualTo(404);
      assertThat(second.send(get("/none")).answer().status()).isEqualTo(404);

      try (var surplus = connect(edge)) {
        var refused = surplus.send(get("/none")).answer();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.text()).contains("/problems/unavailable", "buildonce.max-connections");
        assertThat(refused.header("Retry-After")).isEqualTo("5");
        assertThat(surplus.isClosedByServer()).isTrue();
      }
      try (var probe = connect(edge)) {
        assertThat(probe.send(get("/actuator/health")).answer().status()).isEqualTo(200);
        assertThat(probe.isClosedByServer()).isTrue();
      }
      try (var silent = connect(edge)) {
        assertThat(silent.isClosedByServer()).isTrue();
      }
      assertThat(first.send(get("/none")).answer().status()).isEqualTo(404);
      first.close();
      Awaitility.await()
          .ignoreExceptions() // a surplus one may be reset
          .until(() -> RawHttp.exchange(edge.port(), get("/none")).status() == 404);
    }
  }

  @Test
  void boundLeavesFilesAndHeapToTheService() {
    long files = 20_000;
    long heap = 4L << 30;

    assertThat(ConnectionBound.least(50_000, 1_000_000, heap)).isEqualTo(50_000);
    assertThat(ConnectionBound.least(50_000, files, heap)).isEqualTo(18_000);
    assertThat(ConnectionBound.least(50_000, 1024, heap)).isEqualTo(524);
    assertThat(ConnectionBound.least(50_000, files, 512L << 20)).isEqualTo(16_384);
  }

  private static RawHttp connect(Edge edge) throws IOException {
    return RawHttp.connect(edge.port(), Duration.ofSeconds(10));
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
}
