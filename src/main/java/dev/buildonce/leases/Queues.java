package dev.buildonce.leases;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The queues of the configured pools.
 *
 * @param pools by name
 */
public record Queues(Map<String, Queue> pools) {

  /**
   * How long a pool's queue may get. It is bound for every pool by {@link PoolSettings}; the
   * annotation is what makes these sentences the metadata of the pool that everybody has.
   *
   * @param queueTimeout how long an attempt may wait for a runner
   * @param maxQueued how many attempts may wait
   */
  @ConfigurationProperties("buildonce.pools.local")
  public record Queue(
      @DefaultValue("1h") Duration queueTimeout, @DefaultValue("10000") int maxQueued) {}

  /** The queue of a pool, or nothing if no pool of that name is configured. */
  public Optional<Queue> of(String pool) {
    return Optional.ofNullable(pools.get(pool));
  }
}
