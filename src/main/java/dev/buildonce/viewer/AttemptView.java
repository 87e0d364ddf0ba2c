package dev.buildonce.viewer;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import java.time.Instant;
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
    @Nullable String value,
    @Nullable Integer next,
    String log,
    String lines,
    String size) {

  /**
   * An attempt of a build.
   *
   * @param current whether the page is about it
   */
  static AttemptView of(Build build, Attempt attempt, boolean current, String root) {
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
        attempt.value(),
        attempt.next(),
        path + "/log",
        Shown.count(attempt.logged().lines())
            + (attempt.logged().lines() == 1 ? " line" : " lines"),
        Shown.bytes(attempt.logged().bytes()));
  }
}
