package dev.buildonce.views;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.logs.web.EventReader;
import dev.buildonce.logs.web.EventReader.Event;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The feed of a service that builds. */
@Timeout(120)
class EventsIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static ServiceProcess service;

  private final Client client = new Client(service.url());
  private final String key = "feed-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void everythingThatIsPublishedOfABuildIsAnEvent() throws Exception {
    try (EventReader events = follow("")) {
      client.script("/builds/" + key + "?wait=60", "[ $BUILD_ATTEMPT = 1 ] && exit 3; sleep 60");
      client.form("/rebuild", "key=" + key);
      client.post("/builds/" + key);
      assertThat(client.post("/builds/" + key + "/cancel").status()).isEqualTo(202);
      var told = new ArrayList<String>();
      long before = -1;
      while (told.size() < 3) {
        Event event = FeedReplica.change(events);
        told.add(text(event));
        assertThat(event.id()).endsWith("." + event.data().path("revision").asLong());
        if (before >= 0) {
          assertThat(event.data().path("after").asLong()).isEqualTo(before);
        }
        before = event.data().path("revision").asLong();
      }
      assertThat(client.delete("/builds/" + key).status()).isEqualTo(204);
      told.add(text(FeedReplica.change(events)));

      assertThat(told)
          .containsExactly(
              "outcome 1 failed",
              "rebuild-requested null null",
              "ended 2 cancelled",
              "removed null null");
    }
  }

  @Test
  void stateComesFirstAndAListLeadsToWhatFollowsIt() throws Exception {
    client.script("/builds/" + key + "?wait=60", "true");
    client.form("/rebuild", "key=" + key);
    long revision = client.get("/builds?prefix=" + key).json().path("revision").asLong();

    var state = new ArrayList<String>();
    try (EventReader events = follow("?initial=true")) {
      Event event = events.next();
      for (; !event.name().equals("progress"); event = events.next()) {
        assertThat(event.id()).isNull();
        if (event.data().path("key").asString().equals(key)) {
          state.add(text(event));
        }
      }
      assertThat(event.data().path("revision").asLong()).isGreaterThanOrEqualTo(revision);
    }
    try (EventReader events = follow("?since=" + (revision - 1))) {
      assertThat(FeedReplica.change(events).data().path("revision").asLong()).isEqualTo(revision);
    }

    assertThat(state).containsExactly("outcome 1 succeeded", "rebuild-requested null null");
  }

  @Test
  void placesThatAreNoneAreRefused() {
    assertThat(client.get("/events?since=999999999").problem()).isEqualTo("revision-gone");
    assertThat(client.get("/events?since=x").problem()).isEqualTo("invalid-request");
    assertThat(client.get("/events", "Last-Event-ID", "x").problem()).isEqualTo("invalid-event-id");
  }

  private EventReader follow(String query) throws IOException, InterruptedException {
    return new EventReader(
        HTTP.send(
                HttpRequest.newBuilder(service.uri("/events" + query)).build(),
                BodyHandlers.ofInputStream())
            .body());
  }

  private static String text(Event event) {
    return String.join(
        " ",
        List.of(
            event.name(),
            event.data().path("attempt").toString(),
            event.data().path("status").isNull()
                ? "null"
                : event.data().path("status").asString()));
  }
}
