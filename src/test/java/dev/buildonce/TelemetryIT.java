package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Traces are sent where they are wanted, and logs are JSON for who asks for that. */
class TelemetryIT {

  @Test
  void tracesAreSentToTheEndpointAndLogsNameKeyAndAttempt() throws IOException {
    var received = new CopyOnWriteArrayList<String>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/v1/traces",
        exchange -> {
          // Protobuf, in which text stands as it is.
          received.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    try (ServiceProcess service =
        ServiceProcess.start(
            "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                + receiver.getAddress().getPort()
                + "/v1/traces",
            "--management.opentelemetry.tracing.export.schedule-delay=100ms",
            "--management.tracing.sampling.probability=1.0",
            "--logging.structured.format.console=ecs",
            // A line for every statement, whoever executes it.
            "--logging.level.org.springframework.jdbc.core=debug")) {
      new Client(service.url()).script("/builds/told?wait=60", "true");

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(received)
                      .anySatisfy(
                          spans ->
                              assertThat(spans).contains("http post /builds/{key}", "buildonce")));
      List<JsonNode> lines =
          service
              .output()
              .lines()
              .filter(line -> line.startsWith("{") && line.endsWith("}"))
              .map(JsonMapper.shared()::readTree)
              .toList();
      assertThat(lines)
          .anySatisfy( // the ask
              line -> {
                assertThat(text(line, "key")).isEqualTo("told");
                assertThat(text(line, "attempt")).isEmpty();
                assertThat(text(line, "traceId")).isNotEmpty();
              })
          .anySatisfy( // the carrying
              line -> {
                assertThat(text(line, "key")).isEqualTo("told");
                assertThat(text(line, "attempt")).isEqualTo("1");
              })
          .anySatisfy(line -> assertThat(text(line, "key")).isEmpty());
    } finally {
      receiver.stop(0);
    }
  }

  private static String text(JsonNode line, String field) {
    return line.path(field).asString("");
  }
}
