package dev.buildonce.builds.web;

/** What counts as one line of text in a request. */
final class OneLineText {
  static final String MESSAGE = "must be one line without control characters";

  private OneLineText() {}

  /** Whether a text has neither control characters, line separators nor halves of characters. */
  static boolean isOne(String text) {
    return text.codePoints()
        .noneMatch(
            c ->
                Character.isISOControl(c)
                    || c == 0x2028
                    || c == 0x2029
                    || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }
}
