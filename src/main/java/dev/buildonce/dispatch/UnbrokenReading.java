package dev.buildonce.dispatch;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database was read without a break for a term. Only then may the silence of others be
 * judged: after an outage, or a pause of our own, they must first have had a term in which to
 * renew.
 */
final class UnbrokenReading {
  private final Duration term;
  private @Nullable Instant since;
  private @Nullable Instant last;

  UnbrokenReading(Duration term) {
    this.term = term;
  }

  /**
   * Takes notice of a read.
   *
   * @param now what the database's clock said
   * @return whether it was read for a term by now
   */
  boolean read(Instant now) {
    // A pause of ours as long as a term is a break, too, though no read failed.
    if (since == null || last == null || now.isAfter(last.plus(term)) || now.isBefore(last)) {
      since = now;
    }
    last = now;
    return !now.isBefore(since.plus(term));
  }

  /** Takes notice of a read that failed. */
  void failed() {
    since = null;
  }
}
