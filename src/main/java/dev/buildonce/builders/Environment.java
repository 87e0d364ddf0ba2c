package dev.buildonce.builders;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The part of a build's environment that its builder gives it.
 *
 * @param variables by name
 * @param secrets values among them to mask in the log: none is empty
 */
public record Environment(Map<String, String> variables, List<String> secrets) {

  /** Keeps copies. */
  public Environment {
    variables = Map.copyOf(variables);
    secrets = List.copyOf(secrets);
  }

  /** The same, with more to mask. */
  public Environment hiding(Collection<String> more) {
    List<String> all = new ArrayList<>(secrets);
    more.stream().filter(value -> !value.isEmpty()).forEach(all::add);
    return new Environment(variables, all);
  }

  /** Names only: values may be secret. */
  @Override
  public String toString() {
    return variables.keySet().toString();
  }
}
