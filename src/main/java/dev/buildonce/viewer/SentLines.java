package dev.buildonce.viewer;

import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogLine;
import dev.buildonce.logs.LogPage;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a log as plain text, for who reads it without script and for the first look of who does
 * not.
 *
 * @param lines the last ones, or those from a line on
 * @param position the offset from which on a stream brings what follows them
 * @param within whether that is in the middle of a line, as lines can be longer than what is sent
 * @param next the number of the line behind the last of them, null if there is none yet
 */
record SentLines(List<Line> lines, long position, boolean within, @Nullable Long next) {

  /** How many lines there are at most. */
  static final int LINES = 1_000;

  /** How many bytes they have, about. */
  static final int BYTES = 256 * 1024;

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

  /**
   * Lines from one on.
   *
   * @throws LogRemoved if the log was removed
   */
  static SentLines from(Logs logs, LogInfo info, long first) {
    LogPage page = logs.lines(info, first, LINES, BYTES);
    List<Line> lines = new ArrayList<>();
    for (LogLine line : page.lines()) {
      lines.add(
          switch (line) {
            case LogLine.Kept kept ->
                new Line(kept.number(), seen(new String(kept.bytes(), StandardCharsets.UTF_8)));
            case LogLine.Dropped(var piece) -> new Line(piece.line(), marker(piece));
          });
    }
    Long next = page.next();
    return new SentLines(
        lines, logs.tailStart(info, 1), false, next == null || next > info.lines() ? null : next);
  }

  /**
   * The last lines.
   *
   * @throws LogRemoved if the log was removed
   */
  static SentLines last(Logs logs, LogInfo info) {
    long wanted = logs.tailStart(info, LINES);
    long start = Math.max(wanted, info.bytes() - BYTES);
    var reading = new Reading(start, start > wanted);
    try (LogTail tail = logs.tail(info.id(), () -> {})) {
      while (reading.at < info.bytes() && reading.take(tail.read(reading.at, PIECE))) {
        // Goes on.
      }
    }
    reading.finish();
    return new SentLines(reading.lines, reading.from, reading.within, null);
  }

  private static String marker(Piece.Dropped piece) {
    return "%d bytes (%d lines) of the log were dropped here, over the log-limit"
        .formatted(piece.bytes(), piece.newlines());
  }

  /** Lines of the pieces read so far. */
  private static final class Reading {
    private final List<Line> lines = new ArrayList<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long number;
    private long from;
    private long at;
    private boolean midLine;
    private boolean within;

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
          lines.add(new Line(piece.line(), marker(piece)));
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
      within |= midLine && skipped == 0;
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
