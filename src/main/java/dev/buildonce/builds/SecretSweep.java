package dev.buildonce.builds;

import dev.buildonce.database.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sees to it that no secret stays in memory for long after its attempt. */
@Component
class SecretSweep implements SmartLifecycle {
  private final WorkLoop loop;

  SecretSweep(SecretParams secrets, MeterRegistry registry) {
    this.loop = new WorkLoop("secrets", Duration.ofMinutes(1), secrets::sweep, registry);
  }

  @Override
  public void start() {
    loop.start();
  }

  @Override
  public void stop() {
    loop.stop();
  }

  @Override
  public boolean isRunning() {
    return loop.isRunning();
  }
}
