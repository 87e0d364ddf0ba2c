package dev.buildonce.builds;

import java.util.regex.Pattern;

/** Text that somebody else wrote, as one line for people. */
final class OneLine {
  /** Control characters, line and paragraph separators, and halves of surrogate pairs. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\u2028\\u2029\\p{Cs}]+");

  private OneLine() {}

  /** The text without what is no character of a line, cut to {@code most} characters. */
  static String of(String text, int most) {
    String line = UNPRINTABLE.matcher(text).replaceAll(" ").strip();
    if (line.length() <= most) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(most - 2)) ? most - 2 : most - 1;
    return line.substring(0, end) + "…";
  }
}
