package dev.buildonce.trends;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How long things took, many of them in little room: four buckets for each doubling of a
 * millisecond, so that a percentile is right to about a tenth, and spreads can be added up.
 */
public final class Spread {
  /** Up to some 40 days, far beyond any timeout. */
  static final int BUCKETS = 128;

  /** Nothing took any time. */
  public static final Spread NONE = new Spread(new long[BUCKETS]);

  private static final double FINENESS = 4;

  private final long[] counts;

  private Spread(long[] counts) {
    this.counts = counts;
  }

  /** A spread of counts by bucket, of which it takes a copy. */
  static Spread of(long[] counts) {
    return new Spread(Arrays.copyOf(counts, BUCKETS));
  }

  /** Where a duration is counted. */
  static int bucket(Duration duration) {
    long millis = duration.toMillis();
    return millis < 1
        ? 0
        : Math.min(BUCKETS - 1, 1 + (int) (FINENESS * Math.log(millis) / Math.log(2)));
  }

  /** How many there were. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /** What that part of them, above 0 and up to 1, took at most; null if there was none. */
  public @Nullable Duration percentile(double part) {
    long rank = (long) Math.ceil(part * count());
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += counts[bucket];
      if (counts[bucket] > 0 && seen >= rank) {
        return Duration.ofMillis(middle(bucket));
      }
    }
    return null;
  }

  private static long middle(int bucket) {
    return bucket == 0 ? 0 : Math.round(Math.pow(2, (bucket - 0.5) / FINENESS));
  }

  /** Both together. */
  Spread plus(Spread other) {
    long[] sums = counts.clone();
    Arrays.setAll(sums, bucket -> sums[bucket] + other.counts[bucket]);
    return new Spread(sums);
  }
}
