package dev.buildonce.logs.web;

import dev.buildonce.logs.Piece;
import dev.buildonce.streams.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The bytes of the log, with our own lines between them if there is a narration. */
final class TextFormat<S> extends Format<S> {

  private final @Nullable Narration<S> narration;

  TextFormat(OutputStream out, Duration patience, @Nullable Narration<S> narration) {
    super(out, patience);
    this.narration = narration;
  }

  @Override
  void open(Standing<S> now) throws IOException {
    if (narration != null) {
      line(narration.opening(now.detail()));
    }
  }

  @Override
  void kept(int attempt, Piece.Kept piece) throws IOException {
    piece.writeTo(out());
    midLine(piece.last() != '\n');
  }

  @Override
  void dropped(int attempt, Piece.Dropped piece) throws IOException {
    write(DroppedMarker.of(piece, midLine()));
    midLine(false);
  }

  @Override
  void changed(Standing<S> before, Standing<S> now) throws IOException {
    if (narration != null) {
      line(narration.changed(before.detail(), now.detail()));
    }
  }

  @Override
  void silence(Standing<S> now) throws IOException {
    if (narration != null) {
      line(narration.silence(now.detail()));
    }
  }

  @Override
  void end(Standing<S> last, long length) throws IOException {
    if (narration != null) {
      line(narration.verdict(last.detail()));
    }
  }

  @Override
  Ending interrupted() {
    return Ending.CUT; // a text that just ended would look whole
  }

  @Override
  boolean cut(Standing<S> last) {
    return narration != null && narration.cut(last.detail());
  }

  private void line(@Nullable String line) throws IOException {
    if (line != null) {
      write((midLine() ? "\n" : "") + line + "\n");
      midLine(false);
    }
  }
}
