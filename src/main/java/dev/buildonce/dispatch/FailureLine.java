package dev.buildonce.dispatch;

import java.util.Arrays;
import java.util.List;

/**
 * The reason of a failure in one line: the last telling line of the log and how the command ended.
 */
final class FailureLine {
  /** How much of the end of a log is looked at, in bytes. */
  static final int TAIL = 16 * 1024;

  /** How many of the last lines may tell. */
  private static final int LINES = 100;

  private static final int LONGEST = 500;

  private FailureLine() {}

  /**
   * The line.
   *
   * @param tail the end of the log
   * @param how the command ended, such as {@code exit 2}
   */
  static String of(String tail, String how) {
    List<String> lines =
        Arrays.stream(ErrorLine.plain(tail).split("\n"))
            .map(ErrorLine::shown)
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
      int weight = ErrorLine.of(lines.get(i)).weight();
      if (weight > best || weight == ErrorLine.COMPILED) {
        best = weight;
        at = i;
      }
    }
    boolean hasPlace = at + 1 < lines.size() && lines.get(at + 1).startsWith("--> ");
    return hasPlace ? lines.get(at) + " " + lines.get(at + 1) : lines.get(at);
  }
}
