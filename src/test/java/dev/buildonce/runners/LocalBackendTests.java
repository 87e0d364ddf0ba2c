package dev.buildonce.runners;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class LocalBackendTests implements RunnerBackendContract {

  @TempDir static Path home;
  static LocalBackend backend;

  @BeforeAll
  static void open() throws IOException {
    backend = new LocalBackend(home, Duration.ofSeconds(30), () -> {});
  }

  @AfterAll
  static void close() {
    backend.list().forEach(execution -> backend.end(execution.attempt()));
    backend.close();
  }

  @Override
  public RunnerBackend backend() {
    return backend;
  }
}
