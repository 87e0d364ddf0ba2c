package dev.buildonce.builds;

import org.springframework.http.HttpStatus;

/** A cancel of a build of which nothing is active. */
public final class NotBuilding extends BuildProblem {
  NotBuilding(Build build) {
    super(
        HttpStatus.CONFLICT,
        "not-building",
        "Nothing is active",
        "The build " + build.key() + " has no active attempt, so there is nothing to cancel.",
        build);
  }
}
