package dev.buildonce.builds.web;

import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildProblem;
import java.util.Map;
import org.springframework.http.HttpStatus;

/** A build that has no end yet, for a caller who accepts nothing but a success. */
final class NotFinished extends BuildProblem {
  NotFinished(Build build, Map<String, String> headers) {
    super(
        HttpStatus.GATEWAY_TIMEOUT,
        "not-finished",
        "Not finished yet",
        "The build is "
            + build.status().word()
            + ", there is no verdict yet: wait longer with ?wait=, ask again, or build it yourself.",
        build);
    headers.forEach(this::header);
  }
}
