package dev.buildonce.dispatch;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The reason of a failure in one line: the last telling line of the log and how the command ended.
 */
/*
 * What fails is mostly run by something else that says once more that it failed: make, npm, Maven, a
 * test runner's sums. Such lines tell only if nothing else does. Every pattern here takes time in
 * proportion to the line: none has a repetition at its beginning or one within another.
 */
final class FailureLine {
  /** How much of the end of a log is looked at, in bytes. */
  static final int TAIL = 16 * 1024;

  /** How many of the last lines may tell. */
  private static final int LINES = 100;

  private static final int LONGEST = 500;

  /** What a line weighs that a compiler wrote about a place in a file. */
  private static final int COMPILED = 3;

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

  private FailureLine() {}

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  /**
   * The line.
   *
   * @param tail the end of the log
   * @param how the command ended, such as {@code exit 2}
   */
  static String of(String tail, String how) {
    List<String> lines =
        Arrays.stream(ESCAPES.matcher(tail).replaceAll("").split("\n"))
            .map(FailureLine::shown)
            .filter(line -> line.codePoints().anyMatch(Character::isLetterOrDigit))
            .toList();
    if (lines.isEmpty()) {
      return how + ", and it wrote nothing that tells why";
    }
    String told = told(lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    int room = LONGEST - how.length() - 4;
    return (told.length() > room ? told.substring(0, room) + "…" : told) + " (" + how + ")";
  }

  /**
   * The last of the weightiest lines, but of a compiler's errors the first: others follow from it.
   */
  private static String told(List<String> lines) {
    int best = 0;
    int at = lines.size() - 1;
    for (int i = lines.size() - 1; i >= 0; i--) {
      int weight = weight(lines.get(i));
      if (weight > best || weight == COMPILED) {
        best = weight;
        at = i;
      }
    }
    boolean hasPlace = at + 1 < lines.size() && lines.get(at + 1).startsWith("--> ");
    return hasPlace ? lines.get(at) + " " + lines.get(at + 1) : lines.get(at);
  }

  /** {@link #COMPILED}, 2 if it tells what failed, 1 if it tells that something did, else 0. */
  private static int weight(String line) {
    var prefix = PREFIX.matcher(line);
    boolean marked = prefix.find() && prefix.group(1) != null;
    String text = line.substring(prefix.end());
    if (COMPILER.matcher(text).find()) {
      return COMPILED;
    }
    boolean wraps = WRAPPING.matcher(text).find();
    if (text.isEmpty() || (!wraps && NOISE.matcher(text).find())) {
      return 0;
    }
    boolean tells = TELLING.matcher(text).find() || PLACED.matcher(text).find();
    return tells && !wraps ? 2 : tells || marked ? 1 : 0;
  }

  /** What a terminal would show of a line that was drawn over itself. */
  private static String shown(String line) {
    String drawn = line.stripTrailing();
    return drawn.substring(drawn.lastIndexOf('\r') + 1).strip();
  }
}
