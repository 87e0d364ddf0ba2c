package dev.buildonce.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.convert.DurationStyle;

/**
 * Everything happens at once, and the contract holds. The same seed each time, unless told
 * otherwise, so that a red build is about what was changed; other seeds are for a longer look.
 */
class ChaosIT {

  @TempDir private Path directory;

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS) // for as long as it is told to
  void contractHoldsWhateverHappens() throws Exception {
    long seed = Long.getLong("buildonce.chaos.seed", 3);
    Duration time = DurationStyle.SIMPLE.parse(System.getProperty("buildonce.chaos.time", "2m"));
    Duration term = Duration.ofSeconds(seed % 2 == 0 ? 3 : 20);
    System.out.printf(
        "-Dbuildonce.chaos.seed=%d -Dbuildonce.chaos.time=%ds%n", seed, time.toSeconds());

    History history = Chaos.run(directory, seed, time, term);

    System.out.println(Chaos.summary(history));
    assertThat(Checker.check(history)).as("seed " + seed).isEmpty();
    assertThat(history.ends()).as("builds").hasSizeGreaterThan(10);
  }
}
