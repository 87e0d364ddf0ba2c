package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** There is no room in memory for the secret params of one more attempt. */
public final class TooManySecrets extends Problem {
  TooManySecrets() {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "too-many-secrets",
        "Too many secret params are kept",
        "The queued attempts have more secret params than this service keeps in memory. Nothing was"
            + " started: ask again later, or build it yourself.");
    header("Retry-After", "30");
  }
}
