package dev.buildonce.builders;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a builder says of one of its params.
 *
 * @param defaultValue its value if an ask leaves it out; null: it must be given
 * @param pattern what the whole value must match, or null
 * @param input whether the key names it; one that is no input is only handed over to the build
 */
public record Param(@Nullable String defaultValue, @Nullable Pattern pattern, boolean input) {

  /** Why this cannot be its value, as a phrase, or null. */
  @Nullable String unfit(String value) {
    String unfit = Values.unfit(value);
    if (unfit == null && pattern != null && !Values.matches(pattern, value)) {
      return "does not match " + pattern;
    }
    return unfit;
  }
}
