package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller of the running service, as a pipeline is one. */
public final class Client {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  /** For the whole answer: the timeout of a request is over once its body begins. */
  private static final Duration LONGEST = Duration.ofMinutes(3);

  private static final int MOST_TRIES = 5;

  private final String url;

  /** A caller of the service at this URL. */
  public Client(String url) {
    this.url = url;
  }

  /** What came back. */
  public record Reply(int status, java.net.http.HttpHeaders headers, byte[] body) {
    /** The body as a document. */
    public JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }

    /** The body as text. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** A header, or the empty string. */
    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** What follows {@code /problems/}. */
    public String problem() {
      return json().path("type").asString("").replace("/problems/", "");
    }
  }

  /** GET with headers, name and value in turn. */
  public Reply get(String path, String... headers) {
    return send(request(path, headers).GET());
  }

  /** POST of a form that is encoded already. */
  public Reply form(String path, String form, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  /** POST of a {@code shell} script. */
  public Reply script(String path, String script, String... headers) {
    return form(path, "script=" + encoded(script), headers);
  }

  /** POST of a JSON document. */
  public Reply json(String path, String json, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** POST without a body. */
  public Reply post(String path, String... headers) {
    return send(request(path, headers).POST(HttpRequest.BodyPublishers.noBody()));
  }

  /** DELETE. */
  public Reply delete(String path, String... headers) {
    return send(request(path, headers).DELETE());
  }

  /** A value as it stands in a form or a query. */
  public static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** A request to go on with. */
  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(90));
    return headers.length == 0 ? request : request.headers(headers);
  }

  /** Sends a request and reads the whole answer. */
  public static Reply send(HttpRequest.Builder request) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      HttpResponse<byte[]> response = sent.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
      return new Reply(response.statusCode(), response.headers(), response.body());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? new UncheckedIOException(cause)
          : new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new AssertionError("An answer that does not end within " + LONGEST, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      sent.cancel(true);
    }
  }

  /** The answer to a caller who asks again, as he is told to, while the service is unavailable. */
  public static Reply patiently(Supplier<Reply> request) {
    Reply reply = request.get();
    for (int tries = 1; reply.status() == 503 && tries < MOST_TRIES; tries++) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      reply = request.get();
    }
    return reply;
  }
}
