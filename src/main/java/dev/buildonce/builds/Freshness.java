package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builders.OnChange;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Judges whether an outcome still answers. */
@Component
class Freshness {
  private final Builders builders;

  Freshness(Builders builders) {
    this.builders = builders;
  }

  /**
   * What an ask allows.
   *
   * @param maxAge of any outcome, or null
   * @param maxFailureAge of a failed outcome, or null
   * @param since the number of the attempt that this ask started or joined: its outcome, and any
   *     later one, is as fresh as can be, or null if there is none yet
   */
  record Limits(
      @Nullable Duration maxAge, @Nullable Duration maxFailureAge, @Nullable Integer since) {
    static final Limits NONE = new Limits(null, null, null);

    static Limits of(Ask ask) {
      return new Limits(ask.maxAge(), ask.maxFailureAge(), null);
    }

    static Limits of(Ask ask, int since) {
      return new Limits(ask.maxAge(), ask.maxFailureAge(), since);
    }
  }

  /**
   * Why the outcome of a build does not answer, or null if it does. Ages are judged by the
   * database's time of the build's read.
   */
  @Nullable Cause stale(Build build, Limits limits) {
    Attempt outcome = build.outcome();
    if (outcome == null) {
      return Cause.MISSING;
    }
    if (build.rebuild() != null) {
      return Cause.REBUILD;
    }
    if (limits.since() != null && outcome.number() >= limits.since()) {
      return null;
    }
    Builder builder = builders.find(build.builder()).orElse(null);
    if (builder != null
        && builder.onChange() == OnChange.REBUILD
        && !builder.version().toString().equals(outcome.builderVersion())) {
      return Cause.BUILDER_CHANGED;
    }
    Instant expires = expiresAt(build);
    if (expires != null && !build.readAt().isBefore(expires)) {
      return Cause.EXPIRED;
    }
    boolean failed = outcome.status() == AttemptStatus.FAILED;
    if (isOlder(build, outcome, limits.maxAge())
        || (failed && isOlder(build, outcome, limits.maxFailureAge()))) {
      return Cause.TOO_OLD;
    }
    return null;
  }

  /**
   * When the outcome stops answering by its builder's word, or null if never or if there is none.
   */
  @Nullable Instant expiresAt(Build build) {
    Attempt outcome = build.outcome();
    Builder builder = builders.find(build.builder()).orElse(null);
    if (outcome == null || builder == null || outcome.finishedAt() == null) {
      return null;
    }
    Duration maxAge =
        outcome.status() == AttemptStatus.FAILED
            ? builder.failureMaxAge()
            : builder.successMaxAge();
    return maxAge == null ? null : outcome.finishedAt().plus(maxAge);
  }

  private static boolean isOlder(Build build, Attempt outcome, @Nullable Duration age) {
    return age != null
        && outcome.finishedAt() != null
        && build.readAt().isAfter(outcome.finishedAt().plus(age));
  }
}
