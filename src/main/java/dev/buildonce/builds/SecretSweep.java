package dev.buildonce.builds;

import dev.buildonce.database.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Sees to it that no secret stays in memory for long after its attempt. */
@Component
class SecretSweep extends WorkLoop {
  private final SecretParams secrets;

  SecretSweep(SecretParams secrets, MeterRegistry registry) {
    super("secrets", Duration.ofMinutes(1), registry);
    this.secrets = secrets;
  }

  @Override
  protected void turn() {
    secrets.sweep();
  }
}
