package dev.buildonce.builds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long the next attempt of a chain waits: 1 s x 4^n, at most 5 minutes, ±20 %. */
final class Backoff {
  private static final double MOST_SECONDS = 300;

  private Backoff() {}

  /**
   * The wait before the next attempt.
   *
   * @param before how many attempts of the chain went before the one that just ended
   */
  static Duration after(int before, RandomGenerator random) {
    double seconds = Math.min(MOST_SECONDS, Math.pow(4, Math.min(before, 10)));
    return Duration.ofMillis(Math.round(seconds * 1000 * random.nextDouble(0.8, 1.2)));
  }
}
