package dev.buildonce.chaos;

import dev.buildonce.chaos.Ends.Id;
import dev.buildonce.chaos.History.Deed;
import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Rebuild;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Use;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds in a history what must never happen, whatever crashed in between. */
final class Checker {

  private final History history;
  private final Ends ends;
  private final List<String> violations = new ArrayList<>();

  private Checker(History history) {
    this.history = history;
    this.ends = Ends.of(history);
  }

  /** A sentence for each violation; none if all is well. */
  static List<String> check(History history) {
    Checker checker = new Checker(history);
    checker.onlyOneOfAKeyRuns();
    checker.whatWasShownIsThere();
    checker.nothingGoesBack();
    checker.flaggedOutcomesDoNotAnswer();
    checker.outcomesAreWhatBuildsDid();
    checker.logsAreExact();
    checker.allEnded();
    checker.revisionsAreDense();
    checker.violations.addAll(TextRules.check(history));
    checker.violations.addAll(EventRules.check(history));
    checker.violations.addAll(DiskRules.check(history));
    history.odd().forEach(odd -> checker.violation("no such answer: %s", odd));
    history.left().forEach(left -> checker.violation("left behind: %s", left));
    return checker.violations;
  }

  private void violation(String form, Object... facts) {
    violations.add(form.formatted(facts));
  }

  private void onlyOneOfAKeyRuns() {
    Set<Id> begun = new HashSet<>();
    for (Deed deed : history.deeds()) {
      Id id = new Id(deed.key(), deed.attempt());
      if (deed.what() == Deed.What.BESIDE) {
        violation("two at a time: %s began while another attempt of its key ran", id);
      }
      if (deed.what() != Deed.What.EXIT && !begun.add(id)) {
        violation("run twice: %s", id);
      }
    }
  }

  private void whatWasShownIsThere() {
    for (Shown shown : history.shown()) {
      End end = ends.of(shown.key(), shown.attempt());
      if (end == null) {
        violation("gone: %s", shown);
      } else if (!History.ACTIVE.contains(shown.status()) && !end.status().equals(shown.status())) {
        violation("changed its end to %s: %s", end.status(), shown);
      }
    }
  }

  /** Who calls after an answer to another call sees at least what that showed. */
  private void nothingGoesBack() {
    Map<String, List<Shown>> byKey =
        history.shown().stream().collect(Collectors.groupingBy(Shown::key));
    for (List<Shown> shown : byKey.values()) {
      List<Shown> answered = shown.stream().sorted(Comparator.comparingLong(Shown::end)).toList();
      int next = 0;
      int latest = 0;
      int outcome = 0;
      Set<Integer> ended = new HashSet<>();
      for (Shown now : shown.stream().sorted(Comparator.comparingLong(Shown::begin)).toList()) {
        for (; next < answered.size() && answered.get(next).end() < now.begin(); next++) {
          Shown before = answered.get(next);
          latest = Math.max(latest, before.attempt());
          if (before.isOutcome()) {
            outcome = Math.max(outcome, before.attempt());
          }
          if (!History.ACTIVE.contains(before.status())) {
            ended.add(before.attempt());
          }
        }
        if (now.use() == Use.LATEST && now.attempt() < latest) {
          violation("went back behind attempt %d: %s", latest, now);
        }
        if (now.use() != Use.LATEST && now.attempt() < outcome) {
          violation("went back behind outcome %d: %s", outcome, now);
        }
        if (History.ACTIVE.contains(now.status()) && ended.contains(now.attempt())) {
          violation("active again: %s", now);
        }
      }
    }
  }

  private void flaggedOutcomesDoNotAnswer() {
    for (Rebuild rebuild : history.rebuilds()) {
      int flagged =
          history.shown().stream()
              .filter(shown -> shown.key().equals(rebuild.key()))
              .filter(shown -> shown.isOutcome() && shown.end() < rebuild.begin())
              .mapToInt(Shown::attempt)
              .max()
              .orElse(0);
      history.shown().stream()
          .filter(shown -> shown.key().equals(rebuild.key()) && shown.use() == Use.ANSWER)
          .filter(shown -> shown.begin() > rebuild.end() && shown.attempt() <= flagged)
          .forEach(shown -> violation("answered although flagged at %d: %s", rebuild.end(), shown));
    }
  }

  private void outcomesAreWhatBuildsDid() {
    Map<Id, Deed> exits =
        history.deeds().stream()
            .filter(deed -> deed.what() == Deed.What.EXIT)
            .collect(
                Collectors.toMap(
                    deed -> new Id(deed.key(), deed.attempt()),
                    deed -> deed,
                    (one, other) -> other));
    for (Map.Entry<Id, End> each : ends.byId().entrySet()) {
      End end = each.getValue();
      if (!History.OUTCOMES.contains(end.status())) {
        continue;
      }
      Deed exit = exits.get(each.getKey());
      if (exit == null) {
        violation(
            "not what it did: %s %s, but never came to its exit", each.getKey(), end.status());
      } else if (end.status().equals("succeeded") != (exit.exitCode() == 0)
          || !Integer.valueOf(exit.exitCode()).equals(end.exitCode())) {
        violation(
            "not what it did: %s %s with %s, but exited with %d",
            each.getKey(), end.status(), end.exitCode(), exit.exitCode());
      }
      if (!Integer.toString(end.attempt()).equals(end.value())) {
        violation("value of another: %s has that of %s", each.getKey(), end.value());
      }
    }
  }

  private void logsAreExact() {
    for (Map.Entry<Id, End> each : ends.byId().entrySet()) {
      End end = each.getValue();
      boolean whole = History.OUTCOMES.contains(end.status());
      differ("log", each.getKey(), end.written(), end.log(), whole);
    }
    for (History.Read read : history.reads()) {
      Id id = new Id(read.key(), read.attempt());
      End end = ends.of(read.key(), read.attempt());
      if (end != null) {
        differ("what " + read.by() + " got", id, end.log(), read.text(), read.whole());
      }
    }
  }

  private void differ(String what, Id id, String all, String got, boolean whole) {
    if (whole ? all.equals(got) : all.startsWith(got)) {
      return;
    }
    int at = 0;
    while (at < Math.min(all.length(), got.length()) && all.charAt(at) == got.charAt(at)) {
      at++;
    }
    violation(
        "not exact: %s of %s has %d bytes of %d and differs at %d",
        what, id, got.length(), all.length(), at);
  }

  private void allEnded() {
    Map<String, List<Integer>> numbers = new TreeMap<>();
    for (End end : history.ends()) {
      if (History.ACTIVE.contains(end.status())) {
        violation("never ended: %s/%d is %s", end.key(), end.attempt(), end.status());
      }
      numbers.computeIfAbsent(end.key(), _ -> new ArrayList<>()).add(end.attempt());
    }
    numbers.forEach(
        (key, all) -> {
          int last = all.stream().mapToInt(each -> each).max().orElse(0);
          if (all.size() != last || new HashSet<>(all).size() != last) {
            violation("numbers have gaps: %s has %s", key, all);
          }
        });
  }

  private void revisionsAreDense() {
    long before = 0;
    for (long revision : history.revisions()) {
      if (revision != before + 1) {
        violation("revisions have a gap: %d follows %d", revision, before);
      }
      before = revision;
    }
    if (before != history.head()) {
      violation("revisions end at %d, the counter says %d", before, history.head());
    }
  }
}
