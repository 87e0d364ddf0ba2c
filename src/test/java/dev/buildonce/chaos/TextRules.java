package dev.buildonce.chaos;

import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Told;
import dev.buildonce.chaos.Narrated.Hop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an answer in text must never say, nor leave out. */
final class TextRules {
  private final Ends ends;
  private final List<String> violations = new ArrayList<>();

  private TextRules(Ends ends) {
    this.ends = ends;
  }

  static List<String> check(History history) {
    TextRules rules = new TextRules(Ends.of(history));
    history.told().forEach(rules::check);
    return rules.violations;
  }

  private void check(Told told) {
    Narrated narrated = Narrated.of(told);
    String opening = narrated.opening();
    String verdict = narrated.verdict();
    if (opening != null && !opening.matches("(hit|joined|started).*")) {
      violation("text without its first line", told, opening);
    }
    Set<Integer> whole = new HashSet<>();
    for (Hop hop : narrated.hops()) {
      whole.add(hop.from());
      ended(told, hop.from(), hop.status());
    }
    if (verdict != null) {
      whole.add(narrated.last());
      ended(told, narrated.last(), verdict);
    }
    exit(told, verdict);
    narrated.parts().stream()
        .map(Narrated.Part::attempt)
        .distinct()
        .forEach(attempt -> log(told, narrated, attempt, whole.contains(attempt)));
  }

  private void ended(Told told, int attempt, String status) {
    End end = ends.of(told.key(), attempt);
    if (end == null || !end.status().equals(status)) {
      String is = end == null ? "gone" : end.status();
      violation("text tells an end that is none", told, attempt + " " + status + " is " + is);
    }
  }

  /** By how the answer ends a script sees how the build did. */
  private void exit(Told told, @Nullable String verdict) {
    boolean succeeded = "succeeded".equals(verdict);
    if (told.complete() && verdict == null) {
      violation("text is whole without an end", told, "");
    } else if (told.complete() && told.success() && succeeded == (told.status() == 424)) {
      violation("text has the exit of another end", told, String.valueOf(verdict));
    }
  }

  private void log(Told told, Narrated narrated, int attempt, boolean whole) {
    End end = ends.of(told.key(), attempt);
    if (end != null && !narrated.tells(attempt, end.log(), whole)) {
      String all = whole ? ", which should be all of it" : "";
      violation("text is not the log", told, "of attempt " + attempt + all);
    }
  }

  private void violation(String what, Told told, String fact) {
    violations.add(
        "%s: %s/%d answered with %d%s, %s: %s"
            .formatted(
                what,
                told.key(),
                told.attempt(),
                told.status(),
                told.success() ? " expecting success" : "",
                told.complete() ? "complete" : "cut",
                fact));
  }
}
