package dev.buildonce.supervisor;

import java.util.concurrent.TimeUnit;

/**
 * Whether a service still wants what runs here: each build that nobody claimed for a term is ended,
 * and a supervisor without builds and services goes.
 */
final class Claim {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

  private final Executions executions;
  private final String code;

  // guarded by this
  private long term; // nanoseconds
  private long idle; // nanoseconds without a service
  private int services;
  private boolean over;

  /**
   * A claim that was just made.
   *
   * @param code names the code that runs, a digest
   */
  Claim(Executions executions, String code, long termMillis) {
    this.executions = executions;
    this.code = code;
    this.term = TimeUnit.MILLISECONDS.toNanos(termMillis);
  }

  String code() {
    return code;
  }

  synchronized void term(long millis) {
    term = TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** A service connected; false if it is too late for that. */
  synchronized boolean connected() {
    services++;
    return !over;
  }

  synchronized void disconnected() {
    services--;
  }

  /** Ends the supervisor unless a build runs. */
  synchronized boolean giveUp() {
    over = executions.running() == 0;
    notifyAll();
    return over;
  }

  /**
   * Watches until the supervisor may go. Time in which this process did not run (it was suspended,
   * or the machine was) is not held against the service: only looks count, each at most twice as
   * long as intended.
   */
  synchronized void awaitEnd(long lookMillis) throws InterruptedException {
    long most = 2 * TimeUnit.MILLISECONDS.toNanos(lookMillis);
    for (long before = System.nanoTime(); !over; ) {
      wait(lookMillis);
      long now = System.nanoTime();
      long passed = Math.min(most, now - before);
      before = now;
      executions.pass(passed, term);
      idle = services > 0 || executions.running() > 0 ? 0 : idle + passed;
      over |= idle > PATIENCE;
    }
  }
}
