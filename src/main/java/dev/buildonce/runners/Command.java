package dev.buildonce.runners;

import java.util.List;
import java.util.Map;

/**
 * What an attempt executes.
 *
 * @param arguments the program and its arguments, at least one
 * @param environment what the builder defines; the back end adds PATH, HOME, LANG and TMPDIR where
 *     they are missing, and the BUILD_ variables
 * @param key the build's key, for BUILD_KEY
 * @param number the attempt's number within the build, for BUILD_ATTEMPT
 * @param caches directories kept between attempts, no path of one at or below another's
 */
public record Command(
    List<String> arguments,
    Map<String, String> environment,
    String key,
    int number,
    List<Cache> caches) {

  /** A command without caches. */
  public Command(List<String> arguments, Map<String, String> environment, String key, int number) {
    this(arguments, environment, key, number, List.of());
  }

  public Command {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    caches = List.copyOf(caches);
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("A command has at least a program");
    }
  }

  /** Without the environment: it may hold secrets. */
  @Override
  public String toString() {
    return "Command[" + key + " " + number + ": " + arguments.getFirst() + "]";
  }
}
