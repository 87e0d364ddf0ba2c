package dev.buildonce.viewer;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times, durations and sizes as people read them. */
final class Shown {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Shown() {}

  /**
   * A moment.
   *
   * @param iso for programs
   * @param text for people
   */
  record Moment(String iso, String text) {}

  static @Nullable Moment moment(@Nullable Instant time) {
    return time == null
        ? null
        : new Moment(time.truncatedTo(ChronoUnit.MILLIS).toString(), TIME.format(time));
  }

  static @Nullable String duration(@Nullable Duration duration) {
    if (duration == null) {
      return null;
    }
    long millis = Math.max(0, duration.toMillis());
    if (millis < 9_950) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    long seconds = Math.round(millis / 1000.0);
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
    }
    return seconds < 86_400
        ? String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60)
        : String.format(Locale.ROOT, "%d d %d h", seconds / 86_400, seconds / 3600 % 24);
  }

  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
