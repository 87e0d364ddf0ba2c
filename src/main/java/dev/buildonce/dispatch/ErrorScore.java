package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.ErrorLine.pattern;

import java.util.List;
import java.util.regex.Pattern;

/**
 * How tellingly a line is an error by itself, wherever it stands: {@link FailureLine} can go by the
 * end of a log, where what is said is mostly about the failure, and this cannot.
 */
final class ErrorScore {
  /** A compiler's error about a place in a file. */
  static final int COMPILED = 100;

  /** A message in a form that only errors have. */
  static final int PLAIN = 80;

  /** A message that its tool calls an error. */
  static final int MARKED = 60;

  /** A message with a word that errors have. */
  static final int TELLING = 40;

  /** That something failed, but not what. */
  static final int WRAPPING = 20;

  /** A line without one of these is none of ours. */
  static final List<String> WORDS =
      List.of(
          "error",
          "exception",
          "fatal",
          "fail",
          "panic",
          "not found",
          "not ok",
          "no such",
          "denied",
          "cannot",
          "can't",
          "could not",
          "couldn't",
          "unable",
          "undefined",
          "unresolved",
          "undeclared",
          "refused",
          "timed out",
          "timeout",
          "abort",
          "assert",
          "killed",
          "segmentation fault",
          "core dumped",
          "expected",
          "npm err!",
          "*** ",
          "\u25cf ");

  /** The word of {@link #WORDS} that every compiler's error has. */
  static final String COMPILERS_WORD = "error";

  private static final Pattern FORMS =
      pattern(
          "^panic: |^fatal: |^(?:fatal )?error(?:\\[\\w+])?: |^--- fail: |^(?-i:E) {3,}\\S|^\u25cf "
              + "|^make(?:\\[\\d+])?: \\*\\*\\* (?!\\[)"
              + "|(?:error|exception|failure): ?\\S|(?:error|exception): *$"
              + "|: not found$|command not found|no such file or directory|permission denied"
              + "|connection refused|no space left|could not resolve|could not find|undefined reference"
              + "|segmentation fault|core dumped|^(?:\\S+ )?assertion\\b|assertionfailed");

  /** What no tool says otherwise, though it looks like a heading or has no word of errors. */
  private static final Pattern OUTRIGHT =
      pattern("\\bpanicked at |^not ok \\d+(?!.*# (?:todo|skip))");

  /**
   * Warnings, what went well, and what is being done: words that errors have stand in them, too.
   */
  private static final Pattern QUIET =
      pattern(
          "\\bwarn(?:ing)?s?\\b|\\b(?-i:INFO|DEBUG|TRACE|NOTE|PASS|PASSED|XFAIL|SKIPPED)\\b|:$"
              + "|^[+$] |^--- pass|^ok\\b|\u2713|\u2714|\\bok$|\\bpassed\\b$"
              + "|^=== |\\b(?:errors?|failures?|failed|failing)[:=] *0\\b"
              + "|\\bwithout (?:any )?(?:errors?|failures?)\\b"
              + "|^(?:compil|build|install|runn?|test|creat|copy|add|extract|generat|link|prepar"
              + "|unpack|inflat|fetch|download|collect|receiv|resolv|check|delet|remov|updat|using"
              + "|start|clon|load|writ|read|scann?|sett?|configur|bundl|packag|process|select)(?:ing|ed)?\\b"
              + "|^\\[ *\\d+[%/]|^\\(\\d+/\\d+\\)|^#\\d+ (?:done|cached|sha256)"
              + "|\\bhttps?://\\S+$|\\bexpected (?:errors?|failures?|exceptions?)\\b");

  private ErrorScore() {}

  /**
   * Whether a word is only part of a name there: of a file, an option, a variable.
   *
   * @param from where it begins
   * @param behind where it ends
   * @param begin where the lines begin that it is in
   * @param end where they end
   */
  static boolean isInName(byte[] bytes, int from, int behind, int begin, int end) {
    if (!isLetter(bytes[behind - 1])) {
      return false;
    }
    if (from > begin && bytes[from] >= 'a' && !isBehindEscape(bytes, from, begin)) {
      byte before = bytes[from - 1];
      if (isWord(before) || before == '-' || before == '/') {
        return true;
      }
      if (before == '.' && from > begin + 1 && isWord(bytes[from - 2])) {
        return true;
      }
    }
    int next = behind;
    while (next < end && isLetter(bytes[next])) {
      next++;
    }
    if (next == end) {
      return false;
    }
    return switch (bytes[next]) {
      case '_', '/', '(', '=' -> true;
      case '.', '-' -> next + 1 < end && isWord(bytes[next + 1]);
      default -> bytes[next] >= '0' && bytes[next] <= '9';
    };
  }

  /** Whether a colour begins there: its escape ends with a letter. */
  private static boolean isBehindEscape(byte[] bytes, int from, int begin) {
    int at = from - 2;
    while (at > begin && (bytes[at] >= '0' && bytes[at] <= '9' || bytes[at] == ';')) {
      at--;
    }
    return at > begin && bytes[at] == '[' && bytes[at - 1] == 0x1b;
  }

  private static boolean isLetter(byte letter) {
    return (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
  }

  private static boolean isWord(byte letter) {
    return isLetter(letter) || letter == '_' || letter >= '0' && letter <= '9';
  }

  /**
   * The score of a line, 0 if it is no error.
   *
   * @param shown the line as {@link ErrorLine#shown} gives it
   * @param floor scores up to it are of no use and given as any of them
   */
  static int of(String shown, int floor) {
    ErrorLine line = ErrorLine.of(shown);
    if (line.isCompilers()) {
      return COMPILED;
    }
    if (floor >= PLAIN) {
      return 0;
    }
    String text = line.text();
    if (OUTRIGHT.matcher(text).find()) {
      return PLAIN;
    }
    int weight = line.weight();
    if (weight == 0 || QUIET.matcher(text).find()) {
      return 0;
    }
    if (weight == 1) {
      return WRAPPING;
    }
    if (line.isPlaced() || FORMS.matcher(text).find()) {
      return PLAIN;
    }
    return line.isMarked() ? MARKED : TELLING;
  }
}
