package dev.buildonce.builders;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for changed builder files, so that a change counts within two seconds. */
final class Reload implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final BuilderDirectory directory;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("builders-reload").factory());

  Reload(BuilderDirectory directory) {
    this.directory = directory;
    var _ = clock.scheduleWithFixedDelay(this::pass, 700, 700, TimeUnit.MILLISECONDS);
  }

  private void pass() {
    try {
      directory.refresh();
    } catch (RuntimeException e) {
      log.warn("Builder files were not looked at", e);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
