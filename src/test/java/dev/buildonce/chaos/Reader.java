package dev.buildonce.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.Client;
import dev.buildonce.chaos.History.Read;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

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
    StringBuilder got = new StringBuilder();
    String id = "";
    boolean ended = false;
    while (!ended && System.nanoTime() < until) {
      try {
        var response =
            id.isEmpty()
                ? open(path(), "Accept", "text/event-stream")
                : open(path(), "Accept", "text/event-stream", "Last-Event-ID", id);
        try (InputStream in = response.body()) {
          if (response.statusCode() != 200) {
            refused(response);
            continue;
          }
          ServerSentEvents events = new ServerSentEvents(in);
          for (var event = events.next(); event != null; event = events.next()) {
            if (event.event().equals("log")) {
              got.append(event.data().path("text").asString());
            }
            ended |= event.event().equals("end");
            id = event.id().isEmpty() ? id : event.id();
          }
        }
      } catch (IOException _) {
        pause();
      }
    }
    recorder.reads.add(new Read(key, attempt, "a reader of events", got.toString(), ended));
  }

  private HttpResponse<InputStream> open(String path, String... headers)
      throws IOException, InterruptedException {
    return open(replica.get().request(path, headers));
  }

  /** Sends a request whose answer is read as it comes. */
  static HttpResponse<InputStream> open(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(request.build(), BodyHandlers.ofInputStream());
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
}
