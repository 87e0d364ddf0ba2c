package dev.buildonce.streams;

/** How a stream ends. */
public enum Ending {
  /** As it should. */
  WHOLE,

  /** Without the final chunk, so that the client sees that it is no success, or not all. */
  CUT
}
