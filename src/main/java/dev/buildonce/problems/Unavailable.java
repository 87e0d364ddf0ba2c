package dev.buildonce.problems;

import java.time.Duration;
import org.springframework.http.HttpStatus;

/** 503 {@code unavailable}: the service cannot answer now, through no fault of the caller. */
public final class Unavailable extends Problem {

  /** How long a caller is asked to stay away when nothing better is known. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /**
   * Refuses for now.
   *
   * @param detail what is away
   */
  public Unavailable(String detail) {
    this(detail, RETRY_AFTER);
  }

  /**
   * Refuses for now.
   *
   * @param detail what is away
   * @param retryAfter when to try again; less than a second counts as one
   */
  public Unavailable(String detail, Duration retryAfter) {
    super(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", "Service unavailable", detail);
    header("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
  }
}
