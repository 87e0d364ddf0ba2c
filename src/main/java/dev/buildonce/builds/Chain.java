package dev.buildonce.builds;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a chain of retries goes on after an end.
 *
 * @param follows whether another attempt follows
 * @param retry how many attempts before that one counted
 * @param interrupted how many before it did not, because the service itself stopped or crashed
 * @param delay before that one may be taken
 * @param backoff of a chain that is spent: before the attempt of the next ask may be taken
 */
record Chain(
    boolean follows, int retry, int interrupted, Duration delay, @Nullable Duration backoff) {
  /** An attempt that ended because the service stopped or crashed is free this often a chain. */
  private static final int MOST_INTERRUPTIONS = 3;

  /** Nothing follows. */
  static final Chain OVER = new Chain(false, 0, 0, Duration.ZERO, null);

  /**
   * Goes on after an end.
   *
   * @param retries how often the builder has an attempt repeated
   */
  static Chain after(
      AttemptTable.Locked attempt, AttemptEnd end, int retries, RandomGenerator random) {
    if (attempt.cancelled() || end.retry() == AttemptEnd.Retry.NO) {
      return OVER;
    }
    int retry = attempt.retry();
    int interrupted = attempt.interrupted();
    if (end.retry() == AttemptEnd.Retry.NOT_COUNTED && interrupted < MOST_INTERRUPTIONS) {
      return new Chain(true, retry, interrupted + 1, Duration.ZERO, null);
    }
    Duration delay = Backoff.after(retry, random);
    return retry < retries
        ? new Chain(true, retry + 1, interrupted, delay, null)
        : new Chain(false, retry, interrupted, Duration.ZERO, delay);
  }
}
