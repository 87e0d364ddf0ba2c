package dev.buildonce.builds;

import java.util.Locale;

/** Where a build stands: an attempt is active, or an outcome stands, or neither. */
public enum BuildStatus {
  /** The active attempt waits for a runner. */
  QUEUED,
  /** The active attempt runs. */
  RUNNING,
  /** The outcome that stands is a success. */
  SUCCEEDED,
  /** The outcome that stands is a failure. */
  FAILED,
  /** No attempt is active and no outcome stands. */
  UNBUILT;

  /** The word of the HTTP contract and the database. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@link #word()}. */
  public static BuildStatus of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether an attempt is active. */
  public boolean isActive() {
    return this == QUEUED || this == RUNNING;
  }
}
