package dev.buildonce.runners;

import dev.buildonce.leases.PoolSettings;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
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
   * Runners of one kind on this replica. It is bound for every pool by {@link PoolSettings}; the
   * annotation is what makes these sentences the metadata of the pool that everybody has.
   *
   * @param backend what makes its runners: local, processes of the service's user
   * @param max how many runners there are at most, on each replica
   * @param maxConcurrency how many attempts a runner takes at a time
   * @param shutdownTimeout how long running attempts may go on when the service is told to stop
   */
  @ConfigurationProperties("buildonce.pools.local")
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
