package dev.buildonce.builds;

import java.util.Locale;

/** Why no outcome answered and an attempt was needed. */
public enum Cause {
  /** No outcome stands. */
  MISSING,
  /** A rebuild was requested. */
  REBUILD,
  /** The outcome is older than its builder allows. */
  EXPIRED,
  /** The builder's definition is another one now. */
  BUILDER_CHANGED,
  /** The outcome is older than this ask allows. */
  TOO_OLD,
  /** The attempt before it ended without a verdict. */
  RETRY;

  /** The word of the HTTP contract and the database. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads {@link #word()}. */
  public static Cause of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /**
   * The member of the {@code Cache-Status} header (RFC 9211) for a call that this cause sent on.
   */
  public String forward() {
    return this == MISSING || this == RETRY ? "fwd=miss" : "fwd=stale; detail=" + word();
  }
}
