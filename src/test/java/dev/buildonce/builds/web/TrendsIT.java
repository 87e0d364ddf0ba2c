package dev.buildonce.builds.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What two services on one database tell of the latest hours, over restarts and a kill. */
class TrendsIT {
  /** A store is due every 5 s, and an answer may be 2 s old. */
  private static final Duration STORED = Duration.ofSeconds(30);

  private TestDatabase database;
  private ServiceProcess service;
  private Client client;

  @BeforeEach
  void start() {
    database = TestDatabase.migrated();
    service = ServiceProcess.builder().arguments(database.arguments()).start();
    client = new Client(service.url());
  }

  @AfterEach
  void stop() {
    service.close();
    database.close();
  }

  @Test
  void trendsAreOfAllServicesAndOutliveThem() {
    try (ServiceProcess other = ServiceProcess.builder().arguments(database.arguments()).start()) {
      assertOutlive(new Client(other.url()));
    }
  }

  private void assertOutlive(Client otherClient) {
    client.script("/builds/a?wait=60", "true");
    client.script("/builds/b?wait=60", "exit 1");
    client.post("/builds/a");
    otherClient.post("/builds/a");
    otherClient.post("/builds/b");
    for (Client each : new Client[] {client, otherClient}) {
      await().atMost(STORED).until(() -> sum(each, "asks") == 5);
      assertThat(sum(each, "hits")).isEqualTo(3);
      assertThat(sum(each, "starts")).isEqualTo(2);
      assertThat(sum(each, "succeeded")).isOne();
      assertThat(sum(each, "failed")).isOne();
    }

    // A stop stores what was counted since; the hits of this moment are among it.
    client.post("/builds/a");
    client.post("/builds/a");
    service.stop();

    await().atMost(STORED).until(() -> sum(otherClient, "hits") == 5);

    // A kill loses what was counted since the last store, and nothing of what was stored.
    service.restart();
    assertThat(sum(client, "hits")).isEqualTo(5);
    client.post("/builds/a");
    service.kill9();
    service.restart();
    assertThat(sum(client, "hits")).isBetween(5, 6);
    assertThat(sum(client, "starts")).isEqualTo(2);
    long unlost = sum(client, "hits");
    client.post("/builds/a");
    await().atMost(STORED).until(() -> sum(client, "hits") == unlost + 1);
  }

  @Test
  void hoursAreThoseThatWereAskedFor() {
    client.script("/builds/a?wait=60", "true");
    await().atMost(STORED).until(() -> sum(client, "succeeded") == 1); // is counted last
    assertThat(sum(client, "asks")).isOne();

    JsonNode day = client.get("/trends").json();
    JsonNode hours = client.get("/trends?hours=3&builder=shell").json();
    JsonNode gone = client.get("/trends?hours=2160&builder=gone").json();

    assertThat(day.path("builder").isNull()).isTrue();
    assertThat(day.path("hours").size()).isEqualTo(24);
    assertThat(hours.path("builder").asString()).isEqualTo("shell");
    assertThat(hours.path("hours").size()).isEqualTo(3);
    JsonNode first = hours.path("hours").get(0);
    JsonNode ran =
        day.path("hours")
            .valueStream()
            .filter(h -> h.path("succeeded").asInt() == 1)
            .findFirst()
            .orElseThrow();
    assertThat(first.path("runSeconds").path("p50").isNull()).isTrue();
    assertThat(ran.path("runSeconds").path("p50").asDouble()).isBetween(0.0, 60.0);
    assertThat(ran.path("queueSeconds").path("p90").isNumber()).isTrue();
    assertThat(gone.path("hours").size()).isEqualTo(2160);
    assertThat(gone.path("hours").valueStream()).allMatch(hour -> hour.path("asks").asInt() == 0);
    var answer = client.get("/trends?builder=gone");
    assertThat(client.get("/trends?builder=gone", "If-None-Match", answer.header("ETag")).status())
        .isEqualTo(304);
    Stream.of(
            "?hours=0",
            "?hours=2161",
            "?hours=x",
            "?hour=1",
            "?builder=%00",
            "?builder=a&builder=b")
        .forEach(
            query -> assertThat(client.get("/trends" + query).status()).as(query).isIn(400, 422));
  }

  private static int sum(Client client, String count) {
    return client
        .get("/trends")
        .json()
        .path("hours")
        .valueStream()
        .mapToInt(hour -> hour.path(count).asInt())
        .sum();
  }
}
