package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

/** What a start took. */
final class Starts extends Section {
  Starts(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() {
    double first = subject.firstStart();
    double again = subject.emptyStart();
    table.add(
        "start to ready: first, in an empty home",
        number(first) + " s",
        number(again) + " s, the same home again",
        number(first / again));
  }
}
