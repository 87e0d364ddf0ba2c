package dev.buildonce.builds;

import java.util.Locale;

/**
 * Where an attempt stands. Only {@link #SUCCEEDED} and {@link #FAILED} are outcomes, which answer
 * later asks.
 */
public enum AttemptStatus {
  /** Waits for a runner. */
  QUEUED,
  /** A runner carries it. */
  RUNNING,
  /** The command ended by itself with 0. */
  SUCCEEDED,
  /** The command ended by itself and said no. */
  FAILED,
  /** It did not get a runner, or did not end, within its deadline. */
  TIMED_OUT,
  /** A person or pipeline took it back. */
  CANCELLED,
  /** Our side failed it: no verdict about what was built. */
  ERRORED,
  /** Its runner or the service vanished. */
  LOST;

  /** The word of the HTTP contract and the database. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads {@link #word()}. */
  public static AttemptStatus of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Whether nothing follows it. */
  public boolean isEnd() {
    return this != QUEUED && this != RUNNING;
  }

  /** Whether it is kept as the key's answer. */
  public boolean isOutcome() {
    return this == SUCCEEDED || this == FAILED;
  }

  /** Whether {@code next} may follow. */
  public boolean canBecome(AttemptStatus next) {
    return switch (this) {
      case QUEUED -> next != QUEUED && !next.isOutcome();
      case RUNNING -> next.isEnd();
      case SUCCEEDED, FAILED, TIMED_OUT, CANCELLED, ERRORED, LOST -> false;
    };
  }
}
