package dev.buildonce.logs.web;

/** How a stream ends. */
enum Ending {
  /** All is sent. */
  WHOLE,

  /** All is sent, and the client shall see that it is no success. */
  CUT,

  /** The service stops. */
  INTERRUPTED
}
