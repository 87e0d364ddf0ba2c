package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SlowRequestIT {

  @Test
  @Timeout(90)
  void askWhenItsBodyDripsIsRefusedAfterHalfAMinute() throws IOException {
    var answered = new AtomicBoolean();
    try (var http = RawHttp.connect(ServiceProcess.shared().port(), Duration.ofSeconds(60))) {
      http.send(
          "POST /builds/drip HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 1000\r\n\r\n{");
      var started = System.nanoTime();
      var dripping =
          Thread.ofVirtual()
              .start(
                  () ->
                      Awaitility.await()
                          .pollInterval(Duration.ofSeconds(5))
                          .atMost(Duration.ofSeconds(60))
                          .until(() -> answered.get() || !drips(http)));

      var answer = http.answer();
      answered.set(true);

      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.text()).contains("/problems/request-timeout");
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(40));
      dripping.interrupt();
    }
  }

  private static boolean drips(RawHttp http) {
    try {
      http.send(" ");
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
