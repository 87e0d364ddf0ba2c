package dev.buildonce.runners;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configured pools.
 *
 * @param pools by name
 * @param leaseTerm how long a replica, or the service of a home, may stay silent before others
 *     judge what it carried as lost
 */
public record Pools(Map<String, Pool> pools, Duration leaseTerm) {

  /**
   * Runners of one kind on this replica.
   *
   * @param backend what makes them: {@code local}
   * @param max how many there are at most
   * @param maxConcurrency how many attempts one takes at a time
   * @param shutdownTimeout how long running attempts may go on when the service is told to stop
   */
  public record Pool(
      @DefaultValue("local") String backend,
      @DefaultValue("4") int max,
      @DefaultValue("1") int maxConcurrency,
      @DefaultValue("30s") Duration shutdownTimeout) {

    /** Refuses what no pool can be. */
    public Pool {
      if (!backend.equals("local")) {
        throw new IllegalArgumentException("The backend of a pool must be local, not " + backend);
      }
      if (max < 0 || maxConcurrency < 1) {
        throw new IllegalArgumentException(
            "A pool needs a max of at least 0 and a max-concurrency of at least 1");
      }
    }

    /** How many attempts it runs at a time. */
    public int capacity() {
      return Math.multiplyExact(max, maxConcurrency);
    }
  }
}
