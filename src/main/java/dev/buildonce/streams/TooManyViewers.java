package dev.buildonce.streams;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** As many streams are open as this replica may have, or it is being stopped. */
public final class TooManyViewers extends Problem {

  TooManyViewers(boolean stopping) {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "too-many-viewers",
        "Too many viewers",
        stopping
            ? "This replica is being stopped. Try again."
            : "As many streams are open as this replica may have. Try again soon.");
    header("Retry-After", "5");
  }
}
