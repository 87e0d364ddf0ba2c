package dev.buildonce.builds.web;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a stream tells of an attempt. Two are equal if there is nothing new to tell: the growth of
 * its log is not, that is seen in the log.
 *
 * @param build the attempt's build
 * @param attempt the attempt
 */
record Told(Build build, Attempt attempt) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Told(_, Attempt o)
        && attempt.number() == o.number()
        && attempt.status() == o.status()
        && Objects.equals(attempt.pendingReason(), o.pendingReason())
        && Objects.equals(attempt.startedAt(), o.startedAt())
        && Objects.equals(attempt.cancelledAt(), o.cancelledAt())
        && Objects.equals(attempt.next(), o.next());
  }

  @Override
  public int hashCode() {
    return Objects.hash(attempt.number(), attempt.status(), attempt.pendingReason());
  }
}
