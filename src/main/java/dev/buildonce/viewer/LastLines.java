package dev.buildonce.viewer;

import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The end of a log as plain text, for who reads it without script and for the first look of who
 * does not.
 *
 * @param lines the last ones
 * @param from the offset of the first of them
 * @param until the offset behind the last of them
 */
record LastLines(List<Line> lines, long from, long until) {

  static final int LINES = 2_000;
  static final int BYTES = 512 * 1024;

  private static final int PIECE = 64 * 1024;

  /** What tells a terminal how to look or where to go, and what cannot be seen. */
  private static final Pattern UNSEEN =
      Pattern.compile(
          "\u001b\\[[0-?]*[ -/]*[@-~]"
              + "|\u001b[\\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?"
              + "|\u001b[ -/]*[0-~]?"
              + "|[\\x00-\\x08\\x0b-\\x0c\\x0e-\\x1f\\x7f]");

  /** A line and its number, from 1. */
  record Line(long number, String text) {}

  static LastLines read(Logs logs, LogInfo info) {
    long wanted = logs.tailStart(info, LINES);
    long start = Math.max(wanted, info.bytes() - BYTES);
    var reading = new Reading(start, start > wanted);
    try (LogTail tail = logs.tail(info.id(), () -> {})) {
      while (reading.at < info.bytes() && reading.take(tail.read(reading.at, PIECE))) {
        // Goes on.
      }
    }
    reading.finish();
    return new LastLines(reading.lines, reading.from, reading.at);
  }

  /** Lines of the pieces read so far. */
  private static final class Reading {
    private final List<Line> lines = new ArrayList<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long number;
    private long from;
    private long at;
    private boolean midLine;

    /** Begins at an offset, which may be in the middle of a line that is left out then. */
    Reading(long start, boolean midLine) {
      this.from = start;
      this.at = start;
      this.midLine = midLine;
    }

    boolean take(Piece next) {
      switch (next) {
        case Piece.Kept piece -> keep(piece);
        case Piece.Dropped piece -> {
          finish();
          lines.add(
              new Line(
                  piece.line(),
                  "%d bytes (%d lines) of the log were dropped here, over the log-limit"
                      .formatted(piece.bytes(), piece.newlines())));
          at = piece.end();
        }
        case Piece.Nothing _ -> {
          return false;
        }
      }
      return true;
    }

    private void keep(Piece.Kept piece) {
      int skipped = midLine ? afterNewline(piece) : 0;
      if (kept.size() == 0) {
        number = piece.line() + (skipped > 0 ? 1 : 0);
      }
      from += skipped;
      midLine = false;
      kept.write(piece.array(), piece.from() + skipped, piece.length() - skipped);
      at = piece.end();
    }

    private static int afterNewline(Piece.Kept piece) {
      for (int i = piece.from(); i < piece.to(); i++) {
        if (piece.array()[i] == '\n') {
          return i + 1 - piece.from();
        }
      }
      return 0; // one endless line
    }

    void finish() {
      String text = kept.toString(StandardCharsets.UTF_8);
      kept.reset();
      if (!text.isEmpty()) {
        String whole = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        for (String line : whole.split("\n", -1)) {
          lines.add(new Line(number++, seen(line)));
        }
      }
    }
  }

  /** A line as a terminal would leave it, about: what was written over is not shown. */
  static String seen(String raw) {
    String plain = UNSEEN.matcher(raw).replaceAll("");
    int end = plain.length();
    while (end > 0 && plain.charAt(end - 1) == '\r') {
      end--;
    }
    return plain.substring(plain.lastIndexOf('\r', end - 1) + 1, end);
  }
}
