package dev.buildonce.logs.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A {@code Last-Event-ID} that this service never sent. */
public final class InvalidEventId extends Problem {

  InvalidEventId() {
    super(
        HttpStatus.BAD_REQUEST,
        "invalid-event-id",
        "Invalid Last-Event-ID",
        "Last-Event-ID is the id of the last event received, <attempt>:<offset> or"
            + " <attempt>:<length>:end. Send it as it came, or none to start anew.");
  }
}
