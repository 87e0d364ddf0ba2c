package dev.buildonce.viewer;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.FailureExcerpt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An attempt as a page shows it. */
record AttemptView(
    int number,
    String path,
    String status,
    boolean current,
    boolean underWay,
    boolean cancelling,
    String reason,
    @Nullable String pending,
    String requester,
    Shown.@Nullable Moment queued,
    Shown.@Nullable Moment started,
    Shown.@Nullable Moment finished,
    @Nullable String queueTime,
    @Nullable String runTime,
    @Nullable String estimate,
    @Nullable Long estimatedMillis,
    @Nullable Integer exitCode,
    @Nullable String failure,
    @Nullable Excerpt excerpt,
    @Nullable String value,
    @Nullable Integer next,
    String log,
    String lines,
    String size,
    @Nullable Bar bar) {

  private static final int WIDEST = 120;

  /**
   * The first error, with the lines around it.
   *
   * @param line its number
   */
  record Excerpt(long line, List<ExcerptLine> lines) {
    static @Nullable Excerpt of(@Nullable FailureExcerpt excerpt) {
      return excerpt == null
          ? null
          : new Excerpt(
              excerpt.line(),
              excerpt.lines().stream()
                  .map(
                      line ->
                          new ExcerptLine(
                              line.number(), line.text(), line.number() == excerpt.line()))
                  .toList());
    }
  }

  /**
   * A line of an excerpt.
   *
   * @param error whether it is the error
   */
  record ExcerptLine(long number, String text, boolean error) {}

  /**
   * How long an attempt waited and ran, beside others.
   *
   * @param queue how wide the first is drawn
   * @param run how wide the second is drawn
   */
  record Bar(String queue, String run) {
    static @Nullable Bar of(Attempt attempt, long longest) {
      if (attempt.finishedAt() == null || longest == 0) {
        return null;
      }
      double scale = (double) WIDEST / longest;
      return new Bar(width(attempt.queueTime(), scale), width(attempt.runTime(), scale));
    }

    private static String width(@Nullable Duration time, double scale) {
      return String.format(Locale.ROOT, "%.1f", time == null ? 0 : millis(time) * scale);
    }

    private static long millis(@Nullable Duration time) {
      return time == null ? 0 : Math.max(0, time.toMillis());
    }
  }

  /** Attempts of a build, drawn beside each other. */
  static List<AttemptView> all(
      Build build, List<Attempt> attempts, @Nullable Attempt current, String root) {
    long longest =
        attempts.stream()
            .mapToLong(one -> Bar.millis(one.queueTime()) + Bar.millis(one.runTime()))
            .max()
            .orElse(0);
    return attempts.stream()
        .map(
            one ->
                of(
                    build,
                    one,
                    current != null && one.number() == current.number(),
                    root,
                    Bar.of(one, longest)))
        .toList();
  }

  /**
   * An attempt of a build.
   *
   * @param current whether the page is about it
   */
  static AttemptView of(
      Build build, Attempt attempt, boolean current, String root, @Nullable Bar bar) {
    String path = root + "/builds/" + build.key() + "/attempts/" + attempt.number();
    Instant started = attempt.startedAt();
    boolean underWay = !attempt.status().isEnd();
    return new AttemptView(
        attempt.number(),
        path,
        attempt.status().word(),
        current,
        underWay,
        underWay && attempt.cancelledAt() != null,
        attempt.reason().word(),
        attempt.pendingReason(),
        attempt.requester(),
        Shown.moment(attempt.queuedAt()),
        Shown.moment(started),
        Shown.moment(attempt.finishedAt()),
        Shown.duration(attempt.queueTime()),
        Shown.duration(attempt.runTime()),
        Shown.duration(attempt.estimated()),
        attempt.estimated() == null ? null : attempt.estimated().toMillis(),
        attempt.exitCode(),
        attempt.failure(),
        Excerpt.of(attempt.excerpt()),
        attempt.value(),
        attempt.next(),
        path + "/log",
        Shown.count(attempt.logged().lines())
            + (attempt.logged().lines() == 1 ? " line" : " lines"),
        Shown.bytes(attempt.logged().bytes()),
        bar);
  }
}
