package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.attempt;
import static dev.buildonce.dispatch.RealBuilds.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Once an attempt has ended, whatever the way, none of its processes is left on the machine. */
class ProcessTreeIT {
  @TempDir private Path files;

  private final RealBuilds builds = RealService.builds();
  private final String key = "tree-" + UUID.randomUUID();

  @ParameterizedTest
  @CsvSource({
    "exit 0, 1h, succeeded",
    "exit 1, 1h, failed",
    "kill -9 $$, 1h, errored",
    "sleep 600, 5s, timed-out",
    "trap '' TERM; sleep 600 & wait; sleep 600, 5s, timed-out",
    "trap 'exit 0' TERM; sleep 600 & wait, 5s, timed-out",
  })
  void wholeTreeIsGoneWhenTheAttemptHasEnded(String ending, String timeout, String status)
      throws Exception {
    Fugitives fugitives = new Fugitives(files);

    var reply =
        builds.ask(
            key,
            "?wait=60",
            "plain",
            Map.of("script", fugitives.script() + ending),
            Map.of("timeout", timeout));

    assertThat(status(attempt(reply))).isEqualTo(status);
    fugitives.assertNoneLeft(key);
  }
}
