package dev.buildonce.logs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a log at one moment.
 *
 * @param id which log
 * @param bytes its length after masking, dropped stretches included
 * @param lines its lines, the last one counted without a newline, too
 * @param closedAt when it was closed; null while it may still grow
 * @param dropped whether a stretch in the middle was not kept
 * @param removed whether its bytes were taken away
 */
public record LogInfo(
    LogId id,
    long bytes,
    long lines,
    @Nullable Instant closedAt,
    boolean dropped,
    boolean removed) {

  /** Whether no byte will ever follow. */
  public boolean complete() {
    return closedAt != null;
  }
}
