package dev.buildonce.builds;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * The first line of a log that most tellingly is an error, and those around it. It has room in 4
 * KiB of JSON.
 *
 * @param line the number of the line
 * @param score how tellingly
 * @param lines in their order, the line among them
 */
public record FailureExcerpt(long line, int score, List<Line> lines) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MOST_BYTES = 4096;

  /** How long lines may be: the line itself, and the others if all together are too long. */
  private static final int[] LONGEST = {500, 200, 80, 20};

  /**
   * A line of the log.
   *
   * @param number counted from 1
   * @param text plain, cut to 500 characters
   */
  public record Line(long number, String text) {}

  /** Cuts the lines so far that they have room, and leaves out what no database takes. */
  public FailureExcerpt {
    lines = fitted(line, score, lines);
  }

  private static List<Line> fitted(long line, int score, List<Line> lines) {
    List<Line> cut = List.of();
    for (int longest : LONGEST) {
      cut = new ArrayList<>();
      for (Line each : lines) {
        int most = each.number() == line ? LONGEST[0] : longest;
        cut.add(new Line(each.number(), cut(each.text(), most)));
      }
      if (bytes(line, score, cut) <= MOST_BYTES) {
        break;
      }
    }
    return List.copyOf(cut);
  }

  private static int bytes(long line, int score, List<Line> lines) {
    record Shape(long line, int score, List<Line> lines) {}
    return JSON.writeValueAsBytes(new Shape(line, score, lines)).length;
  }

  private static String cut(String text, int most) {
    int end = Math.min(text.length(), most);
    if (end < text.length()) {
      end -= Character.isHighSurrogate(text.charAt(end - 2)) ? 2 : 1;
    }
    StringBuilder plain = new StringBuilder(end + 1);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      plain.append(c != '\t' && Character.isISOControl(c) ? ' ' : c);
    }
    return end < text.length() ? plain.append('\u2026').toString() : plain.toString();
  }

  /** As it is stored. */
  String json() {
    return JSON.writeValueAsString(this);
  }

  /** Reads {@link #json}. */
  static FailureExcerpt of(String json) {
    return JSON.readValue(json, FailureExcerpt.class);
  }
}
