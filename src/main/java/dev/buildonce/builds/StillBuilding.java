package dev.buildonce.builds;

import org.springframework.http.HttpStatus;

/** A removal of what is still being written. */
public final class StillBuilding extends BuildProblem {
  StillBuilding(Build build, String what) {
    super(
        HttpStatus.CONFLICT,
        "building",
        "Still being built",
        what
            + " cannot be removed while an attempt's processes run. Cancel it, or wait for its end.",
        build);
  }
}
