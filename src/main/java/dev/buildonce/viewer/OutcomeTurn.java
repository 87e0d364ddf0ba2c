package dev.buildonce.viewer;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what may have changed an outcome. */
final class OutcomeTurn {

  private OutcomeTurn() {}

  /**
   * Whether an attempt ended otherwise than the outcome before it, and what was different.
   *
   * @param attempts of the same build, the newest first
   * @return a sentence; null if there is nothing to tell
   */
  static @Nullable String of(Attempt shown, List<Attempt> attempts) {
    if (!isOutcome(shown)) {
      return null;
    }
    Attempt before =
        attempts.stream()
            .filter(one -> one.number() < shown.number() && isOutcome(one))
            .findFirst()
            .orElse(null);
    if (before == null || before.status() == shown.status()) {
      return null;
    }
    String turned =
        "Attempt " + before.number() + " " + before.status().word() + " of the same inputs. ";
    return turned
        + (before.builderVersion().equals(shown.builderVersion())
            ? "The builder is the same: it is flaky, or depends on what its key does not name."
            : "The builder has changed since.");
  }

  private static boolean isOutcome(Attempt attempt) {
    return attempt.status() == AttemptStatus.SUCCEEDED || attempt.status() == AttemptStatus.FAILED;
  }
}
