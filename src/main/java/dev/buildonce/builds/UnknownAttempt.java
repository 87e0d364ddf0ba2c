package dev.buildonce.builds;

import org.springframework.http.HttpStatus;

/** An attempt that a build does not have, or no longer. */
public final class UnknownAttempt extends BuildProblem {
  /** A refusal to show attempt {@code number} of {@code build}. */
  public UnknownAttempt(Build build, String number) {
    super(
        HttpStatus.NOT_FOUND,
        "unknown-attempt",
        "Unknown attempt",
        "The build "
            + build.key()
            + " has no attempt "
            + number
            + ", or it was removed for its age.",
        build);
  }
}
