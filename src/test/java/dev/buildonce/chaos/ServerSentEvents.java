package dev.buildonce.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Takes a stream of events apart. */
final class ServerSentEvents {
  private final BufferedReader in;

  ServerSentEvents(InputStream in) {
    this.in = new BufferedReader(new InputStreamReader(in, UTF_8));
  }

  /**
   * What came.
   *
   * @param id empty if it has none
   * @param event empty for a sign of life
   */
  record Event(String id, String event, JsonNode data) {}

  /** The next one, or null at the end. */
  @Nullable Event next() throws IOException {
    String event = "";
    String data = "";
    String id = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("event:")) {
        event = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data = line.substring(5).strip();
      } else if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.isEmpty()) {
        return new Event(id, event, JsonMapper.shared().readTree(data.isEmpty() ? "{}" : data));
      }
    }
    return null;
  }
}
