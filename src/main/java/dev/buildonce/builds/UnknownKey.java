package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A key that nobody asked for. */
public final class UnknownKey extends Problem {
  /** A refusal to show {@code key}. */
  public UnknownKey(BuildKey key) {
    super(
        HttpStatus.NOT_FOUND,
        "unknown-key",
        "Unknown key",
        "Nobody asked for the key " + key + " yet: POST /builds/" + key + " does.");
  }
}
