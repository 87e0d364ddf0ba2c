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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller of the running service, as a pipeline is one. */
public final class Client {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

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
    try {
      HttpResponse<byte[]> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
