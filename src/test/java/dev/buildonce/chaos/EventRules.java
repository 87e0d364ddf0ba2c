package dev.buildonce.chaos;

import dev.buildonce.chaos.Ends.Id;
import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Event;
import dev.buildonce.chaos.History.Heard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What listeners must never hear, nor miss. */
final class EventRules {
  private final History history;
  private final Ends ends;
  private final List<String> violations = new ArrayList<>();

  private EventRules(History history) {
    this.history = history;
    this.ends = Ends.of(history);
  }

  static List<String> check(History history) {
    EventRules rules = new EventRules(history);
    history.heard().forEach(rules::check);
    return rules.violations;
  }

  private void check(Heard heard) {
    Map<Id, String> told = new HashMap<>();
    long before = 0;
    String epoch = null;
    for (Event event : heard.events()) {
      String[] id = event.id().split("\\.");
      if (epoch != null && !id[0].equals(epoch)) {
        violation(heard, event, "is of another epoch");
      }
      epoch = id[0];
      if (!id[1].equals(Long.toString(event.revision()))) {
        violation(heard, event, "has another revision than its id");
      }
      boolean progress = event.kind().equals("progress");
      if (event.revision() != before + (progress ? 0 : 1) || event.after() != before) {
        violation(heard, event, "came after revision " + before);
      }
      before = event.revision();
      if (event.kind().equals("outcome") || event.kind().equals("ended")) {
        end(heard, event, told);
      }
    }
    if (!heard.whole() || before != history.head()) {
      violations.add(
          "events end too soon: %s heard %d of %d".formatted(heard.by(), before, history.head()));
    } else {
      for (Id id : ends.byId().keySet()) {
        if (!told.containsKey(id)) {
          violations.add("never heard: %s of the end of %s".formatted(heard.by(), id));
        }
      }
    }
  }

  private void end(Heard heard, Event event, Map<Id, String> told) {
    End end = ends.of(event.key(), event.attempt());
    if (told.put(new Id(event.key(), event.attempt()), event.status()) != null) {
      violation(heard, event, "is a second end");
    }
    boolean outcome = History.OUTCOMES.contains(event.status());
    if (end == null || !end.status().equals(event.status())) {
      violation(heard, event, "is not what stands: " + (end == null ? "nothing" : end.status()));
    } else if (outcome != event.kind().equals("outcome")) {
      violation(heard, event, "is of the wrong kind");
    }
  }

  private void violation(Heard heard, Event event, String what) {
    violations.add("no such event: what %s heard %s: %s".formatted(heard.by(), what, event));
  }
}
