package dev.buildonce.supervisor;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/** The supervisor's own messages: lines to standard error, which is a file; few, or none. */
final class Log {

  private static final int MOST = 5_000; // lines of one supervisor, about 1 MiB

  private static final AtomicInteger LINES = new AtomicInteger();

  private Log() {}

  static void line(String message) {
    if (LINES.incrementAndGet() <= MOST) {
      System.err.println(Instant.now() + " " + message);
    }
  }

  static void line(String message, Throwable cause) {
    line(message + ": " + cause);
  }
}
