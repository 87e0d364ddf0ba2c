package dev.buildonce.database;

import java.util.concurrent.TimeUnit;

/**
 * Has bulk work rest between its transactions, for a multiple of the time that each took, so that
 * the database and its disk are free for everybody else most of the time.
 */
public final class Pace {
  private static final long SHORTEST_REST = TimeUnit.MILLISECONDS.toNanos(5);

  private final int times;
  private long begin = System.nanoTime();

  /**
   * A pace, from now on.
   *
   * @param times how many times as long as it works it rests, 1 or more
   */
  public Pace(int times) {
    this.times = times;
  }

  /**
   * Rests after a step of the work.
   *
   * @throws IllegalStateException if the thread is interrupted: the work is not to go on
   */
  public void rest() {
    try {
      TimeUnit.NANOSECONDS.sleep(Math.max(SHORTEST_REST, times * (System.nanoTime() - begin)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted between two steps", e);
    }
    begin = System.nanoTime();
  }
}
