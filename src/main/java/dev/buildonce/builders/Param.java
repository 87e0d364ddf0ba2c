package dev.buildonce.builders;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a builder says of one of its params.
 *
 * @param defaultValue its value if an ask leaves it out; null: it must be given
 * @param pattern what the whole value must match, or null
 * @param input whether the key names it; one that is no input is only handed over to the build
 * @param secret whether its value is kept in memory only and never shown; then it is no input
 */
public record Param(
    @Nullable String defaultValue, @Nullable Pattern pattern, boolean input, boolean secret) {

  /** As many bytes as can be masked in a log without ruining it. */
  private static final int SHORTEST_SECRET = 4;

  /** Whether an ask has to give it for an attempt to start. */
  public boolean required() {
    return defaultValue == null;
  }

  /** Why this cannot be its value, as a phrase, or null. */
  @Nullable String unfit(String value) {
    String unfit = Values.unfit(value);
    if (unfit == null && secret && !value.isEmpty() && isShort(value)) {
      return "has less than " + SHORTEST_SECRET + " bytes, too few to be masked in the log";
    }
    if (unfit == null && pattern != null && !Values.matches(pattern, value)) {
      return "does not match " + pattern;
    }
    return unfit;
  }

  private static boolean isShort(String value) {
    return Values.bytes(value.stripTrailing()) < SHORTEST_SECRET;
  }

  /** Without the default, which may be secret. */
  @Override
  public String toString() {
    return "Param[pattern=" + pattern + ", input=" + input + ", secret=" + secret + "]";
  }
}
