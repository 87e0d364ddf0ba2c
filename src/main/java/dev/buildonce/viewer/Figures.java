package dev.buildonce.viewer;

import dev.buildonce.trends.Stretch;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What happened in parts of a span, in figures. */
final class Figures {
  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("MMM d, HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private Figures() {}

  /** A row of the table beside the charts; null where there is nothing to tell. */
  record Row(
      Shown.Moment from,
      String asks,
      @Nullable String hitRate,
      @Nullable String saved,
      String succeeded,
      String failed,
      String otherwise,
      @Nullable String successRate,
      @Nullable String queue,
      @Nullable String queueMost,
      @Nullable String run,
      @Nullable String runMost) {}

  /** The parts in which something happened, the latest first. */
  static List<Row> rows(List<Stretch> parts) {
    return parts.reversed().stream().filter(Figures::isAny).map(Figures::row).toList();
  }

  /** Whether anything happened. */
  static boolean isAny(Stretch part) {
    return part.asks() + part.outcomes() + part.otherwise() + part.queue().count() > 0;
  }

  private static Row row(Stretch part) {
    return new Row(
        new Shown.Moment(part.from().toString(), hour(part.from())),
        Shown.count(part.asks()),
        rate(part.hits() + part.joins(), part.asks()),
        part.saved().isZero() ? null : Shown.duration(part.saved()),
        Shown.count(part.succeeded()),
        Shown.count(part.failed()),
        Shown.count(part.otherwise()),
        rate(part.succeeded(), part.outcomes()),
        time(part.queue().percentile(0.5)),
        time(part.queue().percentile(0.9)),
        time(part.run().percentile(0.5)),
        time(part.run().percentile(0.9)));
  }

  /** When a part began, as people read it. */
  static String from(Stretch part) {
    return hour(part.from()) + " UTC";
  }

  private static String hour(Instant time) {
    return HOUR.format(time);
  }

  /** A share, never rounded to all or nothing; null of nothing. */
  static @Nullable String rate(long some, long all) {
    if (all == 0) {
      return null;
    }
    BigDecimal percent = BigDecimal.valueOf(100.0 * some / all);
    boolean near =
        some < all && percent.doubleValue() > 99 || some > 0 && percent.doubleValue() < 1;
    return near
        ? (some * 2 > all
                ? percent.setScale(1, RoundingMode.DOWN).min(new BigDecimal("99.9"))
                : percent.setScale(1, RoundingMode.UP))
            + " %"
        : percent.setScale(0, RoundingMode.HALF_UP) + " %";
  }

  /** A duration, short ones too. */
  static @Nullable String time(@Nullable Duration time) {
    return time != null && time.toMillis() < 950 ? time.toMillis() + " ms" : Shown.duration(time);
  }

  static String count(long number, String one) {
    return count(number, one, one + "s");
  }

  static String count(long number, String one, String many) {
    return Shown.count(number) + " " + (number == 1 ? one : many);
  }
}
