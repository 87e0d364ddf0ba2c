package dev.buildonce.builds.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** More callers want to wait than the service holds. */
final class TooManyWaiting extends Problem {
  TooManyWaiting(int limit) {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "too-many-waiting",
        "Too many callers wait",
        limit
            + " callers wait already, the limit of buildonce.max-waiting. If an attempt was started, it goes"
            + " on: ask again without waiting, or later.");
    header("Retry-After", "5");
  }
}
