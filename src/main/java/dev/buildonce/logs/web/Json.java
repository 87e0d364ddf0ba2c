package dev.buildonce.logs.web;

import dev.buildonce.logs.LogLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A document with text out of a log, as it is put together. */
final class Json {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds what is JSON already. */
  Json raw(String json) {
    out.writeBytes(json.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds a text. */
  Json text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return text(bytes, 0, bytes.length);
  }

  /** Adds bytes of a log as a text. */
  Json text(byte[] bytes, int from, int to) {
    out.write('"');
    var text = new JsonText(out);
    try {
      text.write(bytes, from, to);
      text.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.write('"');
    return this;
  }

  /** Adds a line; one that was cut ends with a whole character. */
  Json line(LogLine.Kept line) {
    int length = line.bytes().length;
    return text(
        line.bytes(), 0, line.cut() ? length - Utf8.unfinished(line.bytes(), 0, length) : length);
  }

  /** Adds a moment; null if it is not known. */
  Json time(long millis) {
    return raw(millis < 0 ? "null" : '"' + Stamps.of(millis) + '"');
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
