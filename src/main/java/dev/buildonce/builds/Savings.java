package dev.buildonce.builds;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** What the cache was good for on this replica since it started, as its metrics have it. */
@Component
public final class Savings {
  private final MeterRegistry registry;

  Savings(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * What was saved.
   *
   * @param asks all of them
   * @param hits those answered by an outcome
   * @param joins those that followed an attempt under way
   * @param time of runs that hits and joins did not cost again
   */
  public record Saved(long asks, long hits, long joins, Duration time) {}

  /** The state of this moment. */
  public Saved now() {
    long hits = asks("hit");
    long joins = asks("join");
    double seconds = sum(registry.find("buildonce.saved.seconds").counters());
    return new Saved(
        hits + joins + asks("start"), hits, joins, Duration.ofMillis(Math.round(seconds * 1000)));
  }

  private long asks(String answer) {
    return Math.round(sum(registry.find("buildonce.asks").tag("answer", answer).counters()));
  }

  private static double sum(Iterable<Counter> counters) {
    double sum = 0;
    for (Counter counter : counters) {
      sum += counter.count();
    }
    return sum;
  }
}
