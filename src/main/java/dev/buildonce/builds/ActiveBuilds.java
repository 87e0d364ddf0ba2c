package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.database.WorkLoop;
import dev.buildonce.leases.Leases;
import dev.buildonce.leases.Queues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Shows how many attempts run and wait, of the whole database: what one replica carries says little
 * about a queue that all of them share. Each replica shows the same, some seconds old.
 */
@Component
class ActiveBuilds extends WorkLoop {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final JdbcClient jdbc;
  private final Leases leases;
  private final Builders builders;
  private final Queues queues;
  private final MultiGauge running;
  private final MultiGauge queued;

  ActiveBuilds(
      JdbcClient jdbc, Leases leases, Builders builders, Queues queues, MeterRegistry registry) {
    super("active-builds", INTERVAL, registry);
    this.jdbc = jdbc;
    this.leases = leases;
    this.builders = builders;
    this.queues = queues;
    this.running =
        MultiGauge.builder("buildonce.builds.in.progress")
            .description("Attempts that run, of all replicas")
            .register(registry);
    this.queued =
        MultiGauge.builder("buildonce.queue.length")
            .description("Attempts that wait for a runner, of all replicas")
            .register(registry);
  }

  /** Counts them now. */
  @Override
  protected void turn() {
    Map<String, Long> byBuilder = new TreeMap<>();
    builders.all().stream().map(Builder::name).forEach(name -> byBuilder.put(name, 0L));
    jdbc.sql(
            """
            SELECT builder, count(*) AS running FROM attempts
            WHERE status IN ('queued', 'running') AND cancelled_at IS NULL AND status = 'running' GROUP BY builder
            """)
        .query(
            row -> {
              byBuilder.put(row.getString("builder"), row.getLong("running"));
            });
    Map<String, Long> byPool = new TreeMap<>();
    queues.pools().keySet().forEach(pool -> byPool.put(pool, 0L));
    byPool.putAll(leases.queued());
    show(running, "builder", byBuilder);
    show(queued, "pool", byPool);
  }

  private static void show(MultiGauge gauge, String tag, Map<String, Long> counts) {
    gauge.register(
        counts.entrySet().stream()
            .map(count -> MultiGauge.Row.of(Tags.of(tag, count.getKey()), count.getValue()))
            .toList(),
        true);
  }
}
