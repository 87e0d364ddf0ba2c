package dev.buildonce;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The requests of {@code requests.yaml}, and how an answer is held to its row. */
public final class RequestTable {

  private static final Pattern REPEATED = Pattern.compile("<(.)\\*(\\d+)>");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RequestTable() {}

  /** All rows in their order. */
  public static Stream<Row> rows() {
    try (var in = RequestTable.class.getResourceAsStream("/requests.yaml")) {
      return Stream.of(YAMLMapper.builder().build().readValue(in, Row[].class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One request and its answer; the file says what the members mean. */
  public record Row(
      String say,
      @Nullable String send,
      @Nullable Map<String, String> with,
      @Nullable String body,
      @Nullable String raw,
      int status,
      @Nullable String problem,
      @Nullable String field,
      @Nullable Map<String, String> headers,
      @Nullable Boolean builds) {

    /** Whether only the whole service can answer. */
    public boolean needsBuilds() {
      return Boolean.TRUE.equals(builds);
    }

    /** Sends the request to a port and holds the answer to the row. */
    public void check(int port) throws IOException {
      var message = message();
      var answer = RawHttp.exchange(port, message);
      assertThat(answer.status()).as("%s: %s", say, answer.text()).isEqualTo(status);
      if (problem != null) {
        checkProblem(answer, message.startsWith("HEAD "));
      }
      var expected = headers == null ? Map.<String, String>of() : headers;
      expected.forEach((name, value) -> checkHeader(answer, name, value));
      assertThat(answer.headers()).doesNotContainKeys("Server", "X-Powered-By");
    }

    private String message() {
      if (raw != null) {
        return expand(raw);
      }
      var all = new LinkedHashMap<>(Map.of("Host", "localhost", "Connection", "close"));
      if (with != null) {
        all.putAll(with);
      }
      var content = body == null ? "" : expand(body);
      if (body != null) {
        all.put("Content-Length", Integer.toString(content.getBytes(ISO_8859_1).length));
      }
      var message = new StringBuilder(expand(send)).append(" HTTP/1.1\r\n");
      all.forEach((name, value) -> message.append(name + ": " + expand(value) + "\r\n"));
      return message.append("\r\n").append(content).toString();
    }

    private void checkProblem(RawHttp.Answer answer, boolean head) {
      checkHeader(answer, "Cache-Control", "no-store");
      checkHeader(answer, "X-Content-Type-Options", "nosniff");
      checkHeader(answer, "Referrer-Policy", "same-origin");
      checkHeader(answer, "Vary", "~(.*, )?Accept");
      var type = headers == null ? null : headers.get("Content-Type");
      checkHeader(answer, "Content-Type", type == null ? "application/problem+json" : type);
      if (head) {
        assertThat(answer.body()).isEmpty();
      } else if (type == null) {
        checkDocument(JSON.readTree(answer.body()), problem);
      } else {
        assertThat(answer.text())
            .startsWith("<!DOCTYPE html>")
            .contains(">" + status + " " + problem);
      }
    }

    private void checkDocument(JsonNode document, String name) {
      assertThat(document.path("type").asString())
          .as("%s: %s", say, document)
          .isEqualTo("/problems/" + name);
      assertThat(document.path("status").asInt()).isEqualTo(status);
      assertThat(document.path("title").asString()).isNotBlank();
      assertThat(document.path("detail").asString()).isNotBlank();
      if (field != null) {
        assertThat(List.copyOf(document.path("errors").values()))
            .as("%s: %s", say, document)
            .extracting(error -> error.path("field").asString())
            .contains(field);
      }
    }

    private static void checkHeader(RawHttp.Answer answer, String name, String value) {
      if (value.equals("-")) {
        assertThat(answer.headers()).doesNotContainKey(name);
      } else if (value.startsWith("~")) {
        assertThat(answer.header(name)).as(name).matches(value.substring(1));
      } else {
        assertThat(answer.header(name)).as(name).isEqualTo(value);
      }
    }

    private static String expand(String text) {
      return REPEATED
          .matcher(text)
          .replaceAll(
              found -> {
                var repeated = found.group(1).repeat(Integer.parseInt(found.group(2)));
                return Matcher.quoteReplacement(repeated);
              });
    }

    @Override
    public String toString() {
      return say;
    }
  }
}
