package dev.buildonce.builders;

import java.util.regex.Pattern;

/** Makes one short line for people out of a script. */
final class Title {

  private static final int LONGEST = 200;
  private static final Pattern UNTELLING = Pattern.compile("#.*|set(\\s.*)?|");

  private Title() {}

  /**
   * The first line that is no shebang, comment or {@code set}, else the first that is not blank,
   * without control characters, at most 200 characters.
   *
   * @param otherwise what to say where there is no such line
   */
  static String of(String text, String otherwise) {
    return text.lines()
        .map(Title::clean)
        .filter(line -> !UNTELLING.matcher(line).matches())
        .findFirst()
        .or(() -> text.lines().map(Title::clean).filter(line -> !line.isEmpty()).findFirst())
        .orElse(otherwise);
  }

  private static String clean(String line) {
    StringBuilder clean = new StringBuilder();
    int characters = 0;
    for (int i = 0; i < line.length() && characters < LONGEST; ) {
      int point = line.codePointAt(i);
      i += Character.charCount(point);
      boolean blank = Character.isISOControl(point) || Character.isWhitespace(point);
      if (!isShown(point) || (blank && clean.isEmpty())) {
        continue;
      }
      clean.appendCodePoint(blank ? ' ' : point);
      characters += blank ? 1 : Character.charCount(point);
      if (characters > LONGEST) {
        clean.setLength(clean.length() - Character.charCount(point));
      }
    }
    return clean.toString().strip();
  }

  /** No half surrogates, and nothing that reorders or hides the text around it. */
  private static boolean isShown(int point) {
    return switch (Character.getType(point)) {
      case Character.SURROGATE -> false;
      case Character.FORMAT -> point == 0x200D;
      default -> true;
    };
  }
}
