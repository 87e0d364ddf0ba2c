package dev.buildonce.logs;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** What is looked for in a log: a text, or a pattern in the syntax of RE2. */
public final class LogQuery {

  /** How long one may be. */
  public static final int LONGEST = 1000;

  /** How large a pattern may become: repetitions within repetitions multiply. */
  private static final int MOST_REPEATED = 1000;

  private static final int LARGEST_PROGRAM = 5000;

  private static final java.util.regex.Pattern REPETITION =
      java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

  private final byte[] text;
  private final boolean matchCase;
  private final @Nullable Pattern pattern;
  private final @Nullable String required;

  private LogQuery(
      byte[] text, boolean matchCase, @Nullable Pattern pattern, @Nullable String required) {
    this.text = text;
    this.matchCase = matchCase;
    this.pattern = pattern;
    this.required = required;
  }

  /**
   * A query.
   *
   * @param regex whether the text is a pattern, which is looked for in each line by itself
   * @param matchCase whether upper and lower case differ
   * @throws IllegalArgumentException saying what is wrong with it, to go on behind its name
   */
  public static LogQuery of(String text, boolean regex, boolean matchCase) {
    if (text.isEmpty() || text.length() > LONGEST) {
      throw new IllegalArgumentException("has 1 to " + LONGEST + " characters");
    }
    if (!regex && text.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("is looked for in each line: it can have no line end");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean ascii = text.chars().allMatch(c -> c < 128);
    if (!regex && (matchCase || ascii)) {
      return new LogQuery(bytes, matchCase, null, null);
    }
    return new LogQuery(
        bytes,
        matchCase,
        compiled(regex ? text : Pattern.quote(text), matchCase),
        regex ? Required.of(text, matchCase) : null);
  }

  /** A pattern that is no danger; else says what is wrong with it. */
  static Pattern compiled(String regex, boolean matchCase) {
    long repeated = 1;
    Matcher repetition = REPETITION.matcher(regex);
    while (repetition.find()) {
      String most = repetition.group(2);
      String count = most == null || most.isEmpty() ? repetition.group(1) : most;
      repeated = Math.min(Integer.MAX_VALUE, repeated * Math.max(1, Long.parseLong(count)));
    }
    if (repeated > MOST_REPEATED) {
      throw new IllegalArgumentException("repeats too often: all {n} multiplied are at most 1000");
    }
    try {
      Pattern pattern = Pattern.compile(regex, matchCase ? 0 : Pattern.CASE_INSENSITIVE);
      if (pattern.programSize() > LARGEST_PROGRAM) {
        throw new IllegalArgumentException("is too large a pattern");
      }
      return pattern;
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("is no pattern in RE2's syntax: " + e.getDescription(), e);
    }
  }

  Finder finder(BooleanSupplier enough) {
    if (pattern == null) {
      return new LiteralFinder(text, matchCase);
    }
    LiteralFinder first =
        required == null
            ? null
            : new LiteralFinder(required.getBytes(StandardCharsets.UTF_8), matchCase);
    return new RegexFinder(pattern, first, enough);
  }
}
