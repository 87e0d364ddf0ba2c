package dev.buildonce.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.Client;
import dev.buildonce.chaos.History.Event;
import dev.buildonce.chaos.History.Heard;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Follows what is published from the first revision on, and moves between replicas all the time.
 */
final class Listener {
  private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

  private final Recorder recorder;
  private final List<Client> replicas;
  private final SplittableRandom random;
  private final List<Event> heard = new ArrayList<>();
  private int at;
  private String id = "";
  private long position;
  private volatile long last = Long.MAX_VALUE;
  private volatile long until = Long.MAX_VALUE;

  /**
   * One that has not begun.
   *
   * @param at the replica that it begins with
   */
  Listener(Recorder recorder, List<Client> replicas, int at, SplittableRandom random) {
    this.recorder = recorder;
    this.replicas = replicas;
    this.at = at;
    this.random = random;
  }

  /** Tells it which revision is the last one, for which it waits. */
  void finish(long revision) {
    until = System.nanoTime() + PATIENCE;
    last = revision;
  }

  /** Listens until it heard the last revision. */
  void listen() throws InterruptedException {
    String name = "listener " + at;
    while (!over()) {
      try {
        HttpResponse<InputStream> response = open(replicas.get(at++ % replicas.size()));
        try (InputStream in = response.body()) {
          if (response.statusCode() == 200) {
            read(new ServerSentEvents(in));
          } else {
            refused(response.statusCode(), new String(in.readAllBytes(), UTF_8));
          }
        }
      } catch (IOException _) {
        TimeUnit.MILLISECONDS.sleep(300);
      }
    }
    recorder.heard.add(new Heard(name, heard, position >= last));
  }

  private boolean over() {
    return position >= last || System.nanoTime() - until > 0;
  }

  private HttpResponse<InputStream> open(Client replica) throws IOException, InterruptedException {
    return Reader.open(
        id.isEmpty()
            ? replica.request("/events?since=0", "Accept", "text/event-stream")
            : replica.request("/events", "Accept", "text/event-stream", "Last-Event-ID", id));
  }

  private void refused(int status, String text) throws InterruptedException {
    if (status != 503) {
      recorder.odd.add("/events after " + id + ": " + status + " " + text);
    }
    TimeUnit.MILLISECONDS.sleep(300);
  }

  /** Stays for a while; there is a sign of life every few seconds. */
  private void read(ServerSentEvents events) throws IOException {
    long leave = System.nanoTime() + random.nextLong(1_000_000_000L, 6_000_000_000L);
    ServerSentEvents.Event event = events.next();
    while (event != null) {
      if (!event.id().isEmpty()) {
        JsonNode data = event.data();
        id = event.id();
        position = data.path("revision").asLong();
        heard.add(
            new Event(
                id,
                event.event(),
                position,
                data.path("after").asLong(-1),
                data.path("key").asString(""),
                data.path("attempt").asInt(0),
                data.path("status").asString("")));
      }
      event = over() || System.nanoTime() - leave > 0 ? null : events.next();
    }
  }
}
