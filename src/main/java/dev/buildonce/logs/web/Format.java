package dev.buildonce.logs.web;

import dev.buildonce.logs.Piece;
import dev.buildonce.streams.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * How what is followed is written. For the one thread of a stream.
 *
 * @param <S> what the caller's own lines or events are made of
 */
abstract class Format<S> {

  private final OutputStream out;
  private final Duration patience;
  private boolean midLine;

  /**
   * A format that has not written anything.
   *
   * @param patience how long nothing may be written before {@link #silence}
   */
  Format(OutputStream out, Duration patience) {
    this.out = out;
    this.patience = patience;
  }

  abstract void open(Standing<S> now) throws IOException;

  abstract void kept(int attempt, Piece.Kept piece) throws IOException;

  abstract void dropped(int attempt, Piece.Dropped piece) throws IOException;

  /** Something changed: where the attempt stands, or which attempt it is. */
  abstract void changed(Standing<S> before, Standing<S> now) throws IOException;

  /** Nothing was written for as long as the client may be left without. */
  abstract void silence(Standing<S> now) throws IOException;

  abstract void end(Standing<S> last, long length) throws IOException;

  /**
   * The rest of the log of an attempt that ended was removed; false if there is nothing to tell but
   * the log, which is cut then.
   */
  boolean removed() throws IOException {
    return false;
  }

  /** The service stops before the end; the answer is how the client is to see that. */
  abstract Ending interrupted() throws IOException;

  final Duration patience() {
    return patience;
  }

  /** Whether the connection is cut after the end, without the final chunk. */
  abstract boolean cut(Standing<S> last);

  /** Whether the log's latest byte that was passed on is no line end. */
  final boolean midLine() {
    return midLine;
  }

  final void midLine(boolean open) {
    midLine = open;
  }

  final OutputStream out() {
    return out;
  }

  final void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
