package dev.buildonce.problems;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/** Reads durations as callers and builder files write them. */
public final class Durations {

  /** The longest duration that is read: about a hundred years, so that no sum overflows. */
  public static final Duration LONGEST = Duration.ofDays(36_525);

  private static final Pattern SIMPLE = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)?");

  private Durations() {}

  /**
   * Reads {@code 90} (seconds), {@code 500ms}, {@code 90s}, {@code 10m}, {@code 1h}, {@code 30d} or
   * ISO 8601's {@code PT10M}.
   *
   * @return a duration from zero to {@link #LONGEST}
   * @throws IllegalArgumentException with a message that can be shown, if it is none of these
   */
  public static Duration parse(String text) {
    Duration duration;
    try {
      duration = read(text.strip());
    } catch (DateTimeParseException | ArithmeticException _) {
      throw new IllegalArgumentException(
          "is no duration: write 90 or 90s, 10m, 1h, or ISO 8601 as in PT10M");
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException("is negative: a duration is at least 0");
    }
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("is longer than a hundred years");
    }
    return duration;
  }

  private static Duration read(String text) {
    var simple = SIMPLE.matcher(text);
    if (!simple.matches()) {
      return Duration.parse(text);
    }
    long amount = Long.parseLong(simple.group(1));
    return switch (simple.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      case "d" -> Duration.ofDays(amount);
      case null, default -> Duration.ofSeconds(amount);
    };
  }
}
