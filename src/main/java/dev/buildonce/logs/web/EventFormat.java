package dev.buildonce.logs.web;

import dev.buildonce.logs.Piece;
import dev.buildonce.streams.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** Server-sent events. */
final class EventFormat<S> extends Format<S> {

  private static final byte[] NONE = {};

  private final EventData<S> data;

  /*
   * A character whose last bytes have not come yet is held back, and no id counts it: who resumes
   * there gets it whole.
   */
  private byte[] begun = NONE;
  private int begunAttempt;
  private long begunOffset;
  private long begunLine;

  EventFormat(OutputStream out, Duration patience, EventData<S> data) {
    super(out, patience);
    this.data = data;
  }

  @Override
  void open(Standing<S> now) throws IOException {
    status(now);
  }

  @Override
  void kept(int attempt, Piece.Kept piece) throws IOException {
    byte[] bytes = piece.array();
    int from = piece.from();
    int to = piece.to();
    if (begun.length > 0) {
      bytes = joined(begun, piece);
      from = 0;
      to = bytes.length;
    }
    long offset = piece.offset() - begun.length;
    int whole = to - Utf8.unfinished(bytes, from, to);
    if (whole > from) {
      log(attempt, offset, piece.line(), bytes, from, whole);
      midLine(bytes[whole - 1] != '\n');
    }
    begun = whole == to ? NONE : Arrays.copyOfRange(bytes, whole, to);
    begunAttempt = attempt;
    begunOffset = offset + whole - from;
    begunLine = piece.line() + newlines(bytes, from, whole);
  }

  @Override
  void dropped(int attempt, Piece.Dropped piece) throws IOException {
    giveUpBegun();
    byte[] marker = DroppedMarker.of(piece, midLine()).getBytes(StandardCharsets.UTF_8);
    begin(attempt, piece.end(), piece.offset(), piece.line());
    finish(marker, 0, marker.length);
    midLine(false);
  }

  @Override
  void changed(Standing<S> before, Standing<S> now) throws IOException {
    if (now.ended() || before.attempt() != now.attempt()) {
      giveUpBegun();
    }
    if (before.attempt() != now.attempt()) {
      midLine(false);
    }
    status(now);
  }

  @Override
  void silence(Standing<S> now) throws IOException {
    write(":\n\n");
  }

  @Override
  void end(Standing<S> last, long length) throws IOException {
    giveUpBegun();
    write("id: " + new EventPosition(last.attempt(), length, true) + "\n");
    event("end", last);
  }

  @Override
  Ending interrupted() throws IOException {
    write("retry: 500\n\n");
    return Ending.WHOLE; // without an end event, clients come again by themselves
  }

  @Override
  boolean cut(Standing<S> last) {
    return false;
  }

  private void status(Standing<S> now) throws IOException {
    event("status", now);
  }

  private void event(String name, Standing<S> now) throws IOException {
    String json = data.json(now.detail()).lines().reduce((a, b) -> a + "\ndata: " + b).orElse("");
    write("event: " + name + "\ndata: " + json + "\n\n");
  }

  private void giveUpBegun() throws IOException {
    if (begun.length > 0) {
      byte[] broken = begun;
      begun = NONE;
      log(begunAttempt, begunOffset, begunLine, broken, 0, broken.length);
      midLine(true);
    }
  }

  private void log(int attempt, long offset, long line, byte[] bytes, int from, int to)
      throws IOException {
    begin(attempt, offset + to - from, offset, line);
    finish(bytes, from, to);
  }

  private void begin(int attempt, long end, long offset, long line) throws IOException {
    write(
        "id: %d:%d\nevent: log\ndata: {\"offset\":%d,\"line\":%d,\"text\":\""
            .formatted(attempt, end, offset, line));
  }

  private void finish(byte[] bytes, int from, int to) throws IOException {
    var text = new JsonText(out());
    text.write(bytes, from, to);
    text.flush();
    write("\"}\n\n");
  }

  private static byte[] joined(byte[] begun, Piece.Kept piece) {
    byte[] joined = Arrays.copyOf(begun, begun.length + piece.length());
    System.arraycopy(piece.array(), piece.from(), joined, begun.length, piece.length());
    return joined;
  }

  private static long newlines(byte[] bytes, int from, int to) {
    long newlines = 0;
    for (int i = from; i < to; i++) {
      newlines += bytes[i] == '\n' ? 1 : 0;
    }
    return newlines;
  }
}
