package dev.buildonce.chaos;

import dev.buildonce.chaos.History.End;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How attempts ended, by key and number. */
final class Ends {
  private final Map<Id, End> ends = new HashMap<>();

  private Ends() {}

  /** Which attempt. */
  record Id(String key, int attempt) {
    @Override
    public String toString() {
      return key + "/" + attempt;
    }
  }

  static Ends of(History history) {
    Ends ends = new Ends();
    history.ends().forEach(end -> ends.ends.put(new Id(end.key(), end.attempt()), end));
    return ends;
  }

  @Nullable End of(String key, int attempt) {
    return ends.get(new Id(key, attempt));
  }

  /** All of them. */
  Map<Id, End> byId() {
    return ends;
  }
}
