package dev.buildonce.leases;

import java.time.Duration;

/**
 * What holds a queued attempt back.
 *
 * @param pool the pool it waits in
 * @param ahead how many queued attempts of the pool go before it
 * @param delay how long nobody may take it yet, zero if it may be taken
 * @param behindOlder whether processes of an older attempt of its build may still run
 */
public record QueuePlace(String pool, int ahead, Duration delay, boolean behindOlder) {

  /** The reason in one line, for people. */
  public String reason() {
    if (behindOlder) {
      return "waiting for the processes of the attempt before it to end";
    }
    if (!delay.isZero()) {
      return "to be tried again in " + delay.toSeconds() + " s";
    }
    return ahead == 0 ? "waiting for a runner of pool " + pool : ahead + " ahead in pool " + pool;
  }
}
