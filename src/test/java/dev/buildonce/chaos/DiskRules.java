package dev.buildonce.chaos;

import dev.buildonce.chaos.History.Ask;
import dev.buildonce.chaos.History.Deed;
import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Low;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What must not happen while a disk is below its floor. */
final class DiskRules {
  private final History history;
  private final Ends ends;
  private final List<String> violations = new ArrayList<>();

  private DiskRules(History history) {
    this.history = history;
    this.ends = Ends.of(history);
  }

  static List<String> check(History history) {
    DiskRules rules = new DiskRules(history);
    history.lows().forEach(rules::nothingStarts);
    history.lows().forEach(rules::nothingFails);
    history.asks().stream().filter(Ask::refusedForTheDisk).forEach(rules::onlyStartsAreRefused);
    return rules.violations;
  }

  private void nothingStarts(Low low) {
    history.asks().stream()
        .filter(ask -> ask.replica().equals(low.replica()))
        .filter(ask -> ask.begin() > low.begin() && ask.end() < low.end() && ask.started())
        .forEach(ask -> violations.add("started on a full disk: " + ask));
  }

  private void nothingFails(Low low) {
    for (Deed deed : history.deeds()) {
      End end = ends.of(deed.key(), deed.attempt());
      if (deed.what() == Deed.What.EXIT
          && deed.place().startsWith(low.replica())
          && deed.at() > low.begin()
          && deed.at() < low.end()
          && end != null
          && end.status().equals("failed")) {
        violations.add("failed for a full disk: %s/%d".formatted(end.key(), end.attempt()));
      }
    }
  }

  private void onlyStartsAreRefused(Ask ask) {
    List<Shown> ofKey =
        history.shown().stream().filter(shown -> shown.key().equals(ask.key())).toList();
    for (Shown before : ofKey) {
      if (before.end() >= ask.begin()) {
        continue;
      }
      if (before.use() == Use.ANSWER
          && after(ofKey, ask, before.attempt(), shown -> shown.use() == Use.ANSWER)) {
        violations.add("hit refused for a full disk: %d, %s".formatted(before.attempt(), ask));
      }
      End end = ends.of(ask.key(), before.attempt());
      if (end != null
          && !end.status().equals("cancelled") // marked, it would not be joined
          && after(
              ofKey, ask, before.attempt(), shown -> History.ACTIVE.contains(shown.status()))) {
        violations.add("join refused for a full disk: %d, %s".formatted(before.attempt(), ask));
      }
    }
  }

  private static boolean after(List<Shown> ofKey, Ask ask, int attempt, Predicate<Shown> how) {
    return ofKey.stream()
        .anyMatch(
            shown -> shown.begin() > ask.end() && shown.attempt() == attempt && how.test(shown));
  }
}
