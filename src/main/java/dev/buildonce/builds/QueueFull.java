package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A pool with too many queued attempts to take one more. */
public final class QueueFull extends Problem {
  QueueFull(String pool, int limit) {
    super(
        HttpStatus.TOO_MANY_REQUESTS,
        "queue-full",
        "The queue is full",
        "Pool "
            + pool
            + " has "
            + limit
            + " queued attempts, its limit. Nothing was started: ask again later, or build it yourself.");
    header("Retry-After", "30");
  }
}
