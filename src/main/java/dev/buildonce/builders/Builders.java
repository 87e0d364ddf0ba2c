package dev.buildonce.builders;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The builders there are: those shipped, and those of the builder files as they stand now. */
public final class Builders {

  private final String defaultName;
  private volatile State state;

  private record State(SortedMap<String, Builder> builders, Map<String, String> problems) {}

  Builders(String defaultName) {
    this.defaultName = defaultName;
    this.state = new State(new TreeMap<>(), Map.of());
  }

  /** A fixed set of builders, as a test needs it. */
  public static Builders of(String defaultName, Collection<Builder> all) {
    var builders = new Builders(defaultName);
    builders.replace(all, Map.of());
    return builders;
  }

  /** The builder of a name, as its file stands now; empty if there is none, or its file is bad. */
  public Optional<Builder> find(String name) {
    return Optional.ofNullable(state.builders().get(name));
  }

  /** All of them, by name. */
  public List<Builder> all() {
    return List.copyOf(state.builders().values());
  }

  /** Name of the builder of an ask that names none; there need not be one of that name. */
  public String defaultName() {
    return defaultName;
  }

  /** Why files are not used as they stand, by file, in no case their content. */
  public Map<String, String> problems() {
    return state.problems();
  }

  void replace(Collection<Builder> all, Map<String, String> problems) {
    SortedMap<String, Builder> builders = new TreeMap<>();
    all.forEach(builder -> builders.put(builder.name(), builder));
    state = new State(builders, Map.copyOf(problems));
  }
}
