package dev.buildonce.views;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A {@code Last-Event-ID} that is none of this stream's. */
final class InvalidEventId extends Problem {
  InvalidEventId() {
    super(
        HttpStatus.BAD_REQUEST,
        "invalid-event-id",
        "Invalid Last-Event-ID",
        "Last-Event-ID is the id of the last event received, <epoch>.<revision>. Send it as it came,"
            + " or none to start anew.");
  }
}
