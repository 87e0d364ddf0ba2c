package dev.buildonce.logs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of {@code logs}. */
record LogRow(
    long id,
    long fence,
    long sourceBytes,
    long bytes,
    long newlines,
    boolean openLine,
    boolean dropped,
    @Nullable Instant closedAt,
    boolean removed) {

  /** Lines, the last one counted without a newline, too. */
  long lines() {
    return newlines + (openLine ? 1 : 0);
  }

  LogInfo info() {
    return new LogInfo(new LogId(id), bytes, lines(), closedAt, dropped, removed);
  }
}
