package dev.buildonce.logs.web;

import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import dev.buildonce.streams.Ending;
import dev.buildonce.streams.Signal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a stored part of a log.
 *
 * @param from offset of the first byte
 * @param to offset behind the last one, not behind what is stored
 * @param stamps says when each line came; null for not at all
 */
record StoredCopy(Logs logs, LogId id, long from, long to, @Nullable Stamps stamps) {

  private static final int PIECE = 64 * 1024;

  Ending write(OutputStream out, Signal signal) throws IOException {
    boolean midLine = false;
    try (LogTail tail = logs.tail(id, () -> {})) {
      long offset = from;
      while (offset < to && !signal.stopped()) {
        switch (tail.read(offset, (int) Math.min(PIECE, to - offset))) {
          case Piece.Kept kept -> {
            if (stamps == null) {
              kept.writeTo(out);
            } else {
              stamps.write(kept, out);
            }
            midLine = kept.last() != '\n';
            offset = kept.end();
          }
          case Piece.Dropped dropped -> {
            out.write(DroppedMarker.of(dropped, midLine).getBytes(StandardCharsets.UTF_8));
            midLine = false;
            if (stamps != null) {
              stamps.atLineStart();
            }
            offset = dropped.end();
          }
          case Piece.Nothing _ ->
              throw new IllegalStateException("Log " + id + " has no byte " + offset + " yet");
        }
      }
    }
    out.flush();
    return signal.stopped() ? Ending.CUT : Ending.WHOLE;
  }
}
