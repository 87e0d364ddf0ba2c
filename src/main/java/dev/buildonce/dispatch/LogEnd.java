package dev.buildonce.dispatch;

import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The end of a log, as text. */
final class LogEnd {

  private LogEnd() {}

  /**
   * Reads it from what is stored.
   *
   * @param most how many bytes, without those that were dropped
   */
  static String read(Logs logs, LogId log, int most) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LogTail tail = logs.tail(log, () -> {})) {
      long at = Math.max(0, tail.length() - most);
      while (at < tail.length()) {
        switch (tail.read(at, most)) {
          case Piece.Kept kept -> {
            bytes.write(kept.array(), kept.from(), kept.length());
            at = kept.end();
          }
          case Piece.Dropped dropped -> at = dropped.end();
          case Piece.Nothing() -> at = tail.length();
        }
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
