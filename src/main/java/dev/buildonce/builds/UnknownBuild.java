package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** An ask that repeats what is known of a key of which nothing is known. */
public final class UnknownBuild extends Problem {
  UnknownBuild(BuildKey key) {
    super(
        HttpStatus.UNPROCESSABLE_CONTENT,
        "unknown-build",
        "Nothing is known of the key",
        "Nothing is known of the key "
            + key
            + " yet, so it cannot be asked for by its name alone: send its builder and params.");
  }
}
