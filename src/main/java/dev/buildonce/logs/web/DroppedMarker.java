package dev.buildonce.logs.web;

import dev.buildonce.logs.Piece;

/** The line that stands for a dropped stretch. */
final class DroppedMarker {

  private DroppedMarker() {}

  /** A line of its own, with its line end. */
  static String of(Piece.Dropped dropped, boolean midLine) {
    return (midLine ? "\n" : "")
        + "buildonce: %d bytes (%d lines) of the log were dropped here, over the log-limit\n"
            .formatted(dropped.bytes(), dropped.newlines());
  }
}
