package dev.buildonce.leases;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The queues of the configured pools.
 *
 * @param pools by name
 */
public record Queues(Map<String, Queue> pools) {

  /**
   * How long a pool's queue may get.
   *
   * @param queueTimeout how long an attempt may wait for a runner
   * @param maxQueued how many attempts may wait
   */
  public record Queue(
      @DefaultValue("1h") Duration queueTimeout, @DefaultValue("10000") int maxQueued) {}

  /** The queue of a pool, or nothing if no pool of that name is configured. */
  public Optional<Queue> of(String pool) {
    return Optional.ofNullable(pools.get(pool));
  }
}
