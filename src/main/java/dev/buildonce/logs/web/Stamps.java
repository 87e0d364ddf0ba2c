package dev.buildonce.logs.web;

import dev.buildonce.logs.Piece;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Puts before each line of a log when it came. For one answer. */
final class Stamps {

  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private boolean midLine;
  private long lastMillis = -1;
  private byte[] last = {};

  /** A moment as it is shown. */
  static String of(long millis) {
    return FORM.format(Instant.ofEpochMilli(millis));
  }

  /** Writes bytes with what belongs before their lines. */
  void write(Piece.Kept piece, OutputStream out) throws IOException {
    byte[] bytes = piece.array();
    int next = piece.from();
    while (next < piece.to()) {
      if (!midLine) {
        out.write(stamp(piece.arrivals().at(piece.offset() + next - piece.from())));
      }
      int end = next;
      while (end < piece.to() && bytes[end] != '\n') {
        end++;
      }
      midLine = end == piece.to();
      end = midLine ? end : end + 1;
      out.write(bytes, next, end - next);
      next = end;
    }
  }

  /** Says that what is written next begins a line. */
  void atLineStart() {
    midLine = false;
  }

  /** Of a line of which nothing is known, as old logs have them, a dash. */
  private byte[] stamp(long millis) {
    if (millis != lastMillis || last.length == 0) {
      lastMillis = millis;
      last = ((millis < 0 ? "-" : of(millis)) + " ").getBytes(StandardCharsets.US_ASCII);
    }
    return last;
  }
}
