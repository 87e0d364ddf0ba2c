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
 * @param secrets those that are handed over and kept nowhere, sorted by name
 * @param defaulted names among them all that the ask left out
 * @param missing names of secrets without which nothing can be started
 */
public record Params(
    Map<String, String> inputs,
    Map<String, String> extras,
    Map<String, String> secrets,
    Set<String> defaulted,
    Set<String> missing) {

  /** Keeps sorted copies. */
  public Params {
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    extras = Collections.unmodifiableMap(new TreeMap<>(extras));
    secrets = Collections.unmodifiableMap(new TreeMap<>(secrets));
    defaulted = Set.copyOf(defaulted);
    missing = Set.copyOf(missing);
  }

  /** Inputs and extras together, sorted by name: what may be shown. */
  public Map<String, String> shown() {
    Map<String, String> all = new TreeMap<>(inputs);
    all.putAll(extras);
    return Collections.unmodifiableMap(all);
  }

  /** The secrets that the ask gave. */
  public Map<String, String> givenSecrets() {
    Map<String, String> given = new TreeMap<>(secrets);
    given.keySet().removeAll(defaulted);
    return Collections.unmodifiableMap(given);
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

  /** Names only: values may be secret. */
  @Override
  public String toString() {
    return "Params[" + inputs.keySet() + extras.keySet() + secrets.keySet() + "]";
  }
}
