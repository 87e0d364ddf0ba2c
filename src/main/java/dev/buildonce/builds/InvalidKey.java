package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A key that is none. */
public final class InvalidKey extends Problem {
  InvalidKey(String value) {
    super(
        HttpStatus.BAD_REQUEST,
        "invalid-key",
        "Not a key",
        "A key is one path segment of 1 to 255 characters of A-Z a-z 0-9 . _ : @ + = ~ -, the first a letter"
            + " or digit; this one "
            + reason(value));
  }

  private static String reason(String value) {
    if (value.isEmpty()) {
      return "is empty.";
    }
    if (value.length() > 255) {
      return "has " + value.length() + " characters.";
    }
    return value.indexOf(' ') >= 0
        ? "has a space in it; in forms and queries + means a space, write %2B there."
        : "has a character that is none of these.";
  }
}
