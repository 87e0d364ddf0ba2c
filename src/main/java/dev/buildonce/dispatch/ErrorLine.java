package dev.buildonce.dispatch;

import java.util.regex.Pattern;

/** What one line of a log weighs as an error. */
/*
 * What fails is mostly run by something else that says once more that it failed: make, npm, Maven, a
 * test runner's sums. Such lines tell only if nothing else does. Every pattern here takes time in
 * proportion to the line: none has a repetition at its beginning or one within another.
 */
final class ErrorLine {
  /** What a line weighs that a compiler wrote about a place in a file. */
  static final int COMPILED = 3;

  /** Terminal escapes: CSI sequences, OSC strings, and two-character ones. */
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[@-Z\\\\^_a-z])");

  /** What tools put before each line: docker build a step and the time, others a level. */
  private static final Pattern PREFIX =
      pattern("^(?:#\\d+ )?(?:\\d+\\.\\d+ )?(npm (?:err!|error)\\s*|\\[error]\\s*)?");

  private static final Pattern TELLING =
      pattern(
          "(?:errors?|exception)\\b"
              + "|\\b(?:fatal|failed|failure|panic|panicked|not found|no such|denied|cannot|can't"
              + "|could not|couldn't|unable|undefined|unresolved|undeclared|refused|timed out"
              + "|timeout|aborted|assert\\w*|killed|segmentation fault|core dumped|expected)\\b"
              + "|^--- fail:|^e:? |^● |» |\\*\\*\\* ");

  /** A message with the place that it is about. */
  private static final Pattern PLACED =
      pattern(
          "^[^\\s\\d:(\\[][^\\s:(\\[]*+(?:(?::\\d+){1,2}|[(\\[]\\d+,\\d+[)\\]]:?|:\\[\\d+,\\d+]): ?+\\S");

  private static final Pattern COMPILER =
      pattern(
          "^[^\\s\\d:(\\[][^\\s:(\\[]*+"
              + "(?:(?:(?::\\d+){1,2}|[(\\[]\\d+,\\d+[)\\]]): (?:fatal )?error\\b|:\\[\\d+,\\d+] )");

  /** That something failed, but not what: what wraps a failure, sums, headings, warnings. */
  private static final Pattern WRAPPING =
      pattern(
          ":$|^make(?:\\[\\d+])?: \\*\\*\\* \\[|^tests run:|^test result:|test failed, to rerun"
              + "|\\b[1-9]\\d*+ (?:errors?|failures?|failed|failing)\\b|\\bwarn(?:ing)?\\b"
              + "|\\bbuild fail(?:ed|ure)\\b|there are test failures|: compilation failure"
              + "|did not complete successfully|ld returned \\d|failed at the \\S+ \\S+ script"
              + "|command failed|execution failed for task|could not compile|aborting due to"
              + "|treated as errors|configuring incomplete|process completed with exit code");

  /** Sums that say that nothing went wrong, hints, stack frames, quoted source. */
  private static final Pattern NOISE =
      pattern(
          "\\b(?:0|no) (?:errors?|failures?|failed)\\b|^at |^(?:caused by )?\\.\\.\\. \\d+ more"
              + "|^>? ?\\d*+ *\\||^[>^]|\\bnote: |^(?:expected|received|actual) *:"
              + "|^expect\\(|^● console|a complete log of this run|^to see the full|^re-run maven"
              + "|^for more information|^see |^-> \\[|^\\[help|most recent call last");

  private final boolean marked;
  private final String text;

  private ErrorLine(boolean marked, String text) {
    this.marked = marked;
    this.text = text;
  }

  /** A line as {@link #shown} gives it. */
  static ErrorLine of(String shown) {
    var prefix = PREFIX.matcher(shown);
    boolean marked = prefix.find() && prefix.group(1) != null;
    return new ErrorLine(marked, shown.substring(prefix.end()));
  }

  static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  /** Text without what is there for a terminal. */
  static String plain(String text) {
    return text.indexOf('\u001b') < 0 ? text : ESCAPES.matcher(text).replaceAll("");
  }

  /** What a terminal would show of a plain line that was drawn over itself. */
  static String drawn(String line) {
    String drawn = line.stripTrailing();
    return drawn.substring(drawn.lastIndexOf('\r') + 1);
  }

  /** The same without blanks around it. */
  static String shown(String line) {
    return drawn(line).strip();
  }

  /** {@link #COMPILED}, 2 if it tells what failed, 1 if it tells that something did, else 0. */
  int weight() {
    if (isCompilers()) {
      return COMPILED;
    }
    boolean wraps = WRAPPING.matcher(text).find();
    if (text.isEmpty() || (!wraps && NOISE.matcher(text).find())) {
      return 0;
    }
    boolean tells = TELLING.matcher(text).find() || isPlaced();
    return tells && !wraps ? 2 : tells || marked ? 1 : 0;
  }

  /** Whether a compiler wrote it about a place in a file. */
  boolean isCompilers() {
    return COMPILER.matcher(text).find();
  }

  /** Whether it says which place it is about. */
  boolean isPlaced() {
    return PLACED.matcher(text).find();
  }

  /** Whether the tool that wrote it calls it an error. */
  boolean isMarked() {
    return marked;
  }

  /** The line without what tools put before each one. */
  String text() {
    return text;
  }
}
