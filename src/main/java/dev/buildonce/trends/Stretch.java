package dev.buildonce.trends;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What happened in a stretch of time, on all replicas.
 *
 * @param from when it began
 * @param hits asks that an outcome answered
 * @param joins asks that followed an attempt under way
 * @param starts asks that started an attempt
 * @param saved run time that hits and joins did not cost again
 * @param succeeded attempts that ended so
 * @param failed attempts that ended so
 * @param otherwise attempts that ended without an outcome
 * @param queue how long attempts waited for their runners
 * @param run how long attempts ran that left an outcome
 */
public record Stretch(
    Instant from,
    long hits,
    long joins,
    long starts,
    Duration saved,
    long succeeded,
    long failed,
    long otherwise,
    Spread queue,
    Spread run) {

  /** One in which nothing happened. */
  static Stretch empty(Instant from) {
    return new Stretch(from, 0, 0, 0, Duration.ZERO, 0, 0, 0, Spread.NONE, Spread.NONE);
  }

  /** Some that follow each other, at least one, as one. */
  public static Stretch whole(List<Stretch> parts) {
    return parts.stream().reduce(Stretch::plus).orElseThrow();
  }

  private Stretch plus(Stretch next) {
    return new Stretch(
        from,
        hits + next.hits,
        joins + next.joins,
        starts + next.starts,
        saved.plus(next.saved),
        succeeded + next.succeeded,
        failed + next.failed,
        otherwise + next.otherwise,
        queue.plus(next.queue),
        run.plus(next.run));
  }

  /** All asks that were answered. */
  public long asks() {
    return hits + joins + starts;
  }

  /** Attempts that left an outcome. */
  public long outcomes() {
    return succeeded + failed;
  }
}
