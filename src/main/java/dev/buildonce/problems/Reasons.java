package dev.buildonce.problems;

import org.jspecify.annotations.Nullable;

/** Makes a reason that a library gave fit to be told. */
final class Reasons {

  private static final int LONGEST = 200;

  private Reasons() {}

  /** The reason in printable ASCII, at most 200 characters, without a full stop. */
  static String printable(@Nullable String reason) {
    if (reason == null || reason.isBlank() || reason.equals("Bad Request")) {
      return "its request line, path or headers break the rules of HTTP";
    }
    var words = reason.length() > LONGEST ? reason.substring(0, LONGEST) + "..." : reason;
    words = words.replaceAll("[^ -~]", "?").strip();
    return words.endsWith(".") ? words.substring(0, words.length() - 1) : words;
  }
}
