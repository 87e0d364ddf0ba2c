package dev.buildonce.logs.web;

/** How a stream ends. */
enum Ending {
  /** As it should. */
  WHOLE,

  /** Without the final chunk, so that the client sees that it is no success, or not all. */
  CUT
}
