package dev.buildonce.builders;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The checked params of an ask, defaults filled in.
 *
 * @param inputs those that the key names, sorted by name
 * @param extras those that are only handed over, sorted by name
 * @param defaulted names among them that the ask left out
 */
public record Params(
    Map<String, String> inputs, Map<String, String> extras, Set<String> defaulted) {

  /** Keeps sorted copies. */
  public Params {
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    extras = Collections.unmodifiableMap(new TreeMap<>(extras));
    defaulted = Set.copyOf(defaulted);
  }

  /** Inputs and extras together, sorted by name. */
  public Map<String, String> all() {
    Map<String, String> all = new TreeMap<>(inputs);
    all.putAll(extras);
    return Collections.unmodifiableMap(all);
  }

  /** {@link #inputDigest(String, Map)} of these. */
  public String inputDigest(String builder) {
    return inputDigest(builder, inputs);
  }

  /**
   * What a key names, as a digest: equal for equal builders and equal inputs, in whatever order.
   *
   * @return {@code sha256:} and 64 hex digits
   */
  public static String inputDigest(String builder, Map<String, String> inputs) {
    return new Canonical("inputs 1").add(builder).add(inputs).digest();
  }

  /**
   * Names of inputs in which these differ from those that a key names. One that the key does not
   * know and the ask left out came to the builder later: it counts as equal. One that the builder
   * no longer has cannot be given, so it does not count.
   *
   * @param known the inputs that the key names
   */
  public SortedSet<String> differences(Map<String, String> known) {
    SortedSet<String> differing = new TreeSet<>(inputs.keySet());
    differing.removeIf(
        name ->
            known.containsKey(name)
                ? known.get(name).equals(inputs.get(name))
                : defaulted.contains(name));
    return differing;
  }
}
