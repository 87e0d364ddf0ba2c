package dev.buildonce.builds.web;

import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildProblem;
import org.springframework.http.HttpStatus;

/** A cancel that was wanted only if nobody waits, and somebody does. */
final class StillWanted extends BuildProblem {
  StillWanted(Build build, int waiters) {
    super(
        HttpStatus.CONFLICT,
        "still-wanted",
        "Somebody waits for it",
        waiters + " callers wait for the build " + build.key() + ". Nothing was cancelled.",
        build);
  }
}
