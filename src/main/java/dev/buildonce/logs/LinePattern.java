package dev.buildonce.logs;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/**
 * A pattern in the syntax of RE2 for single lines, with a word that every match has in it: lines
 * without the word need not be looked at.
 */
public final class LinePattern {

  /** How long the word is at least; shorter ones are in too many lines. */
  private static final int SHORTEST = 3;

  private static final String IGNORE_CASE = "(?i)";

  private final String regex;
  private final Pattern pattern;
  private final String word;

  private LinePattern(String regex, Pattern pattern, String word) {
    this.regex = regex;
    this.pattern = pattern;
    this.word = word;
  }

  /**
   * A pattern; with {@code (?i)} in front upper and lower case do not differ.
   *
   * @throws IllegalArgumentException saying what is wrong with it, to go on behind its name
   */
  public static LinePattern of(String regex) {
    if (regex.isEmpty() || regex.length() > LogQuery.LONGEST) {
      throw new IllegalArgumentException("has 1 to " + LogQuery.LONGEST + " characters");
    }
    boolean matchCase = !regex.startsWith(IGNORE_CASE);
    String plain = matchCase ? regex : regex.substring(IGNORE_CASE.length());
    return new LinePattern(regex, LogQuery.compiled(plain, matchCase), word(plain));
  }

  /** The longest word of ASCII letters and digits, for a colour may begin between two. */
  private static String word(String regex) {
    String required = Required.of(regex, true);
    return Arrays.stream((required == null ? "" : required).split("[^A-Za-z0-9]"))
        .max(Comparator.comparingInt(String::length))
        .orElse("")
        .toLowerCase(Locale.ROOT);
  }

  /** The word, in lower case; it may stand in a line in another. Empty if none is seen. */
  public String word() {
    return word.length() < SHORTEST ? "" : word;
  }

  /** Whether a line has a match, in time that grows with the line and no faster. */
  public boolean isIn(String line) {
    return pattern.matcher(line).find();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinePattern that && regex.equals(that.regex);
  }

  @Override
  public int hashCode() {
    return regex.hashCode();
  }

  /** As it was written. */
  @Override
  public String toString() {
    return regex;
  }
}
