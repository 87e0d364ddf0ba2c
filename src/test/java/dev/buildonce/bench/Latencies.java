package dev.buildonce.bench;

import java.util.Arrays;

/** Durations in nanoseconds, as many as come, and how they are spread. */
final class Latencies {
  private long[] nanos = new long[1024];
  private int size;

  void add(long one) {
    if (size == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * size);
    }
    nanos[size++] = one;
  }

  void addMillis(Number millis) {
    add((long) (millis.doubleValue() * 1e6));
  }

  void addAll(Latencies others) {
    for (int i = 0; i < others.size; i++) {
      add(others.nanos[i]);
    }
  }

  Latencies copy() {
    Latencies copy = new Latencies();
    copy.nanos = Arrays.copyOf(nanos, Math.max(1024, size));
    copy.size = size;
    return copy;
  }

  int size() {
    return size;
  }

  /** The duration that this share of all does not exceed, in milliseconds. */
  double millis(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, size);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * size) - 1)] / 1e6;
  }
}
