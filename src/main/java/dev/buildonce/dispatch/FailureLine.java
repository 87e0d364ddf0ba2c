package dev.buildonce.dispatch;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The reason of a failure in one line: the last telling line of the log and how the command ended.
 */
final class FailureLine {
  /** How much of the end of a log is looked at, in bytes. */
  static final int TAIL = 16 * 1024;

  /** How many of the last lines may tell. */
  private static final int LINES = 60;

  private static final int LONGEST = 460;

  /** Terminal escapes: CSI sequences, OSC strings, and two-character ones. */
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[@-Z\\\\^_a-z])");

  private static final Pattern TELLING =
      Pattern.compile(
          "\\b(?:error|fatal|failed|failure|panic|exception|not found|no such|denied|cannot|can't|could not"
              + "|undefined|unresolved|refused|timed out|timeout|aborted|assert\\w*|traceback|killed|segfault)\\b|^E\\s",
          Pattern.CASE_INSENSITIVE);

  /** Sums that say that nothing went wrong, and the noise that wraps every failure. */
  private static final Pattern NOISE =
      Pattern.compile(
          "\\b(?:0|no) (?:errors?|failures?|failed)\\b|^npm (?:err!|error) (?:a complete log|code)"
              + "|^\\[error\\] *(?:$|to see|re-run|for more|-> \\[help|\\[help)|^make(?:\\[\\d+])?: \\*\\*\\* "
              + "|process completed with exit code",
          Pattern.CASE_INSENSITIVE);

  private FailureLine() {}

  /**
   * The line.
   *
   * @param tail the end of the log
   * @param how the command ended, such as {@code exit 2}
   */
  static String of(String tail, String how) {
    List<String> lines =
        ESCAPES
            .matcher(tail)
            .replaceAll("")
            .lines()
            .map(FailureLine::last)
            .map(String::strip)
            .filter(line -> line.codePoints().anyMatch(Character::isLetterOrDigit))
            .toList();
    List<String> late = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    String told = null;
    for (String line : late.reversed()) {
      if (TELLING.matcher(line).find() && !NOISE.matcher(line).find()) {
        told = line;
        break;
      }
    }
    if (told == null && !late.isEmpty()) {
      told = late.getLast();
    }
    if (told == null) {
      return how + ", and it wrote nothing that tells why";
    }
    return (told.length() > LONGEST ? told.substring(0, LONGEST) + "…" : told) + " (" + how + ")";
  }

  /** What a terminal would show of a line that was drawn over itself. */
  private static String last(String line) {
    String drawn = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    return drawn.substring(drawn.lastIndexOf('\r') + 1);
  }
}
