package dev.buildonce.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.Client;
import dev.buildonce.chaos.History.Read;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** Follows the log of an attempt to its end, from replica to replica, however often it is cut. */
final class Reader {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final Recorder recorder;
  private final Supplier<Client> replica;
  private final String key;
  private final int attempt;
  private final long until;

  Reader(Recorder recorder, Supplier<Client> replica, String key, int attempt, long until) {
    this.recorder = recorder;
    this.replica = replica;
    this.key = key;
    this.attempt = attempt;
    this.until = until;
  }

  private String path() {
    return "/builds/" + key + "/attempts/" + attempt + "/log";
  }

  /** By plain text, resumed at an offset. */
  void plain() throws InterruptedException {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    boolean whole = false;
    while (!whole && System.nanoTime() < until) {
      try {
        var response = open(path() + "?offset=" + got.size(), "Accept", "text/plain");
        try (InputStream in = response.body()) {
          if (response.statusCode() == 200) {
            in.transferTo(got);
            whole = true;
          } else {
            refused(response);
          }
        }
      } catch (IOException _) {
        pause();
      }
    }
    recorder.reads.add(new Read(key, attempt, "a plain reader", got.toString(UTF_8), whole));
  }

  /** By events, resumed at the last one's id. */
  void events() throws InterruptedException {
    Events events = new Events();
    while (!events.ended && System.nanoTime() < until) {
      try {
        var response =
            events.id.isEmpty()
                ? open(path(), "Accept", "text/event-stream")
                : open(path(), "Accept", "text/event-stream", "Last-Event-ID", events.id);
        try (InputStream in = response.body()) {
          if (response.statusCode() == 200) {
            events.read(new BufferedReader(new InputStreamReader(in, UTF_8)));
          } else {
            refused(response);
          }
        }
      } catch (IOException _) {
        pause();
      }
    }
    recorder.reads.add(
        new Read(key, attempt, "a reader of events", events.text.toString(), events.ended));
  }

  private HttpResponse<InputStream> open(String path, String... headers)
      throws IOException, InterruptedException {
    return HTTP.send(replica.get().request(path, headers).build(), BodyHandlers.ofInputStream());
  }

  private void refused(HttpResponse<InputStream> response)
      throws IOException, InterruptedException {
    String text = new String(response.body().readAllBytes(), UTF_8);
    if (response.statusCode() != 503) {
      recorder.odd.add(path() + ": " + response.statusCode() + " " + text);
    }
    pause();
  }

  private static void pause() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(300);
  }

  /** What a stream of events said so far, over all its connections. */
  private static final class Events {
    private final StringBuilder text = new StringBuilder();
    private String id = "";
    private boolean ended;

    void read(BufferedReader in) throws IOException {
      String event = "";
      String data = "";
      String eventId = "";
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("event:")) {
          event = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data = line.substring(5).strip();
        } else if (line.startsWith("id:")) {
          eventId = line.substring(3).strip();
        } else if (line.isEmpty()) {
          if (event.equals("log")) {
            text.append(JsonMapper.shared().readTree(data).path("text").asString());
          }
          ended |= event.equals("end");
          id = eventId.isEmpty() ? id : eventId;
          event = "";
          data = "";
        }
      }
    }
  }
}
