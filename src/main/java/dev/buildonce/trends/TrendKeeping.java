package dev.buildonce.trends;

import dev.buildonce.database.Pace;
import dev.buildonce.database.Transactions;
import dev.buildonce.database.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sees to it that counts are stored, at a stop as well, and forgotten in time. */
@Component
class TrendKeeping implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(TrendKeeping.class);

  /** Behind the web server, whose last asks are still counted. */
  private static final int LAST = DEFAULT_PHASE - 4096;

  private final TrendCounter counter;
  private final TrendTable table;
  private final Transactions transactions;
  private final Duration keep;
  private final WorkLoop storing;
  private final WorkLoop forgetting;

  TrendKeeping(
      TrendCounter counter,
      TrendTable table,
      Transactions transactions,
      TrendProperties properties,
      MeterRegistry registry) {
    this.counter = counter;
    this.table = table;
    this.transactions = transactions;
    this.keep = properties.trends();
    this.storing = WorkLoop.of("trends", Duration.ofSeconds(5), counter::store, registry);
    this.forgetting = WorkLoop.of("trends-keep", Duration.ofHours(1), this::forget, registry);
  }

  /** Forgets what is too old, in small steps; replicas leave each other's rows alone. */
  void forget() {
    Pace pace = new Pace(2);
    while (transactions.call(() -> table.forget(keep)) > 0) {
      pace.rest();
    }
  }

  @Override
  public int getPhase() {
    return LAST;
  }

  @Override
  public void start() {
    storing.start();
    forgetting.start();
  }

  @Override
  public void stop() {
    forgetting.stop();
    storing.stop();
    try {
      Transactions.work(counter::store);
    } catch (RuntimeException e) {
      LOG.warn("What was counted in the last seconds is not in the trends: {}", e.getMessage());
    }
  }

  @Override
  public boolean isRunning() {
    return storing.isRunning();
  }
}
