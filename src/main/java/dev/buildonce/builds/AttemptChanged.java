package dev.buildonce.builds;

import org.springframework.http.HttpStatus;

/** A cancel that means another attempt than the active one. */
public final class AttemptChanged extends BuildProblem {
  AttemptChanged(Build build, int meant, int active) {
    super(
        HttpStatus.CONFLICT,
        "attempt-changed",
        "Another attempt is active",
        "Attempt "
            + meant
            + " of the build "
            + build.key()
            + " is not the active one, attempt "
            + active
            + " is. Nothing was cancelled.",
        build);
  }
}
