package dev.buildonce.logs.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** As many logs are being streamed as this replica may, or it is being stopped. */
final class TooManyViewers extends Problem {

  TooManyViewers(boolean stopping) {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "too-many-viewers",
        "Too many viewers",
        stopping
            ? "This replica is being stopped. Try again."
            : "As many logs are being streamed as this replica may. Try again soon.");
    header("Retry-After", "5");
  }
}
