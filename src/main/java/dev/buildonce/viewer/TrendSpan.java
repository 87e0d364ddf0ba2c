package dev.buildonce.viewer;

import java.util.Arrays;

/** A time that trends are shown of, in parts of some hours. */
enum TrendSpan {
  DAY("24h", "24 hours", 24, 1),
  WEEK("7d", "7 days", 168, 6);

  private final String word;
  private final String text;
  private final int hours;
  private final int part;

  TrendSpan(String word, String text, int hours, int part) {
    this.word = word;
    this.text = text;
    this.hours = hours;
    this.part = part;
  }

  /** The span of a word out of {@link #words}. */
  static TrendSpan of(String word) {
    return Arrays.stream(values()).filter(span -> span.word.equals(word)).findFirst().orElseThrow();
  }

  static String[] words() {
    return Arrays.stream(values()).map(TrendSpan::word).toArray(String[]::new);
  }

  /** As in a query. */
  String word() {
    return word;
  }

  /** For people. */
  String text() {
    return text;
  }

  int hours() {
    return hours;
  }

  /** How many hours a bar stands for. */
  int part() {
    return part;
  }
}
