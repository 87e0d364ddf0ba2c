package dev.buildonce.trends;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The counts of one builder since this service started. They only grow; what of them is stored
 * already is remembered beside them, so a store that failed is made up for by the next.
 */
final class Tally {
  /** What is counted, each a column. */
  enum Count {
    HITS,
    JOINS,
    STARTS,
    SAVED_MILLIS,
    SUCCEEDED,
    FAILED,
    OTHERWISE
  }

  private static final int QUEUE = Count.values().length;
  private static final int RUN = QUEUE + Spread.BUCKETS;
  private static final int ALL = RUN + Spread.BUCKETS;

  private final String builder;
  private final AtomicLongArray counts = new AtomicLongArray(ALL);
  private final long[] stored = new long[ALL];

  Tally(String builder) {
    this.builder = builder;
  }

  void add(Count count, long amount) {
    counts.getAndAdd(count.ordinal(), amount);
  }

  void waited(Duration queue) {
    counts.getAndIncrement(QUEUE + Spread.bucket(queue));
  }

  void ran(Duration run) {
    counts.getAndIncrement(RUN + Spread.bucket(run));
  }

  /** What was counted and is not stored. For one thread at a time, like {@link Unstored#stored}. */
  Unstored unstored() {
    long[] more = new long[ALL];
    boolean any = false;
    for (int i = 0; i < ALL; i++) {
      more[i] = counts.get(i) - stored[i];
      any |= more[i] != 0;
    }
    return new Unstored(this, more, any);
  }

  /** Some counts to be stored. */
  record Unstored(Tally tally, long[] more, boolean any) {
    String builder() {
      return tally.builder;
    }

    long of(Count count) {
      return more[count.ordinal()];
    }

    long queue(int bucket) {
      return more[QUEUE + bucket];
    }

    long run(int bucket) {
      return more[RUN + bucket];
    }

    /** Notes that they were. */
    void stored() {
      for (int i = 0; i < ALL; i++) {
        tally.stored[i] += more[i];
      }
    }
  }
}
