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
  private final @Nullable Stamps stamps;

  TextFormat(
      OutputStream out,
      Duration patience,
      @Nullable Narration<S> narration,
      @Nullable Stamps stamps) {
    super(out, patience);
    this.narration = narration;
    this.stamps = stamps;
  }

  @Override
  void open(Standing<S> now) throws IOException {
    if (narration != null) {
      line(narration.opening(now.detail()));
    }
  }

  @Override
  void kept(int attempt, Piece.Kept piece) throws IOException {
    if (stamps == null) {
      piece.writeTo(out());
    } else {
      stamps.write(piece, out());
    }
    midLine(piece.last() != '\n');
  }

  @Override
  void dropped(int attempt, Piece.Dropped piece) throws IOException {
    write(DroppedMarker.of(piece, midLine()));
    startLine();
  }

  @Override
  void changed(Standing<S> before, Standing<S> now) throws IOException {
    if (stamps != null && before.attempt() != now.attempt()) {
      stamps.atLineStart();
    }
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
  boolean removed() throws IOException {
    line(narration == null ? null : narration.removed());
    return narration != null;
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
      startLine();
    }
  }

  private void startLine() {
    midLine(false);
    if (stamps != null) {
      stamps.atLineStart();
    }
  }
}
