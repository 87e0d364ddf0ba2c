package dev.buildonce.builds;

import dev.buildonce.database.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sees to it that uses are stored and that nothing is kept for longer than it should be. */
@Component
class RetentionSweep implements SmartLifecycle {
  private final WorkLoop using;
  private final WorkLoop keeping;

  RetentionSweep(Uses uses, Retention retention, MeterRegistry registry) {
    this.using = WorkLoop.of("uses", Duration.ofSeconds(10), uses::store, registry);
    this.keeping =
        WorkLoop.of(
            "keep", Duration.ofMinutes(1), () -> retention.sweep(this::isRunning), registry);
  }

  @Override
  public void start() {
    using.start();
    keeping.start();
  }

  @Override
  public void stop() {
    keeping.stop();
    using.stop();
  }

  @Override
  public boolean isRunning() {
    return keeping.isRunning();
  }
}
