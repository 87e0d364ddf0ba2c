package dev.buildonce.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, as a table that reads well in a terminal and in a README. */
final class Table {
  private static final List<String> HEADS =
      List.of("what", "measured", "reference", "ratio", "goal", "");

  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a row and shows it at once. */
  void add(String what, String measured, String reference, String ratio, Goal goal) {
    var row = List.of(what, measured, reference, ratio, goal.text, goal.verdict());
    rows.add(row);
    System.out.println(line(row));
  }

  /** Adds a row without a goal. */
  void add(String what, String measured, String reference, String ratio) {
    add(what, measured, reference, ratio, new Goal("", null));
  }

  /** Whether every goal was reached. */
  boolean met() {
    return rows.stream().noneMatch(row -> row.getLast().equals("missed"));
  }

  int size() {
    return rows.size();
  }

  @Override
  public String toString() {
    var text = new StringBuilder(line(HEADS)).append('\n');
    text.append("| --- | --- | --- | --- | --- | --- |\n");
    rows.forEach(row -> text.append(line(row)).append('\n'));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  /** What is wanted, and whether it is so. */
  record Goal(String text, Boolean met) {
    static Goal atLeast(double goal, double value, String unit) {
      return new Goal("≥ " + number(goal) + unit, value >= goal);
    }

    static Goal atMost(double goal, double value, String unit) {
      return new Goal("≤ " + number(goal) + unit, value <= goal);
    }

    private String verdict() {
      return met == null ? "" : met ? "met" : "missed";
    }
  }

  /** A number as people read it: three digits that count. */
  static String number(double value) {
    if (value >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    String form = value >= 10 ? "%.1f" : value >= 0.1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, form, value).replaceAll("\\.?0+$", "");
  }

  /** Adds two latencies beside those of a reference. */
  void addLatencies(String what, Latencies hit, Latencies plain, String reference) {
    add(
        what + ": p50, p99",
        number(hit.millis(0.5)) + ", " + number(hit.millis(0.99)) + " ms",
        number(plain.millis(0.5)) + ", " + number(plain.millis(0.99)) + " ms, " + reference,
        number(hit.millis(0.5) / plain.millis(0.5))
            + ", "
            + number(hit.millis(0.99) / plain.millis(0.99)));
  }
}
