package dev.buildonce.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A service with a bug does not get through: each is found, by a fault at the moment that shows it.
 */
class PlantedBugIT {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "NO_FENCE, PAUSE_BEFORE_THE_RUN, run twice: key0/1",
    "NO_ADOPTION_OFFSET, KILL_WHILE_IT_WRITES, not exact: log of key0/1",
    "FLAG_CLEARED_AT_START, CANCEL_OF_A_REBUILD, answered although flagged",
    "TOLD_BEFORE_COMMIT, KILL_AFTER_THE_ANSWER, gone: key0/1 succeeded"
  })
  void bugIsFound(PlantedBug bug, Schedule schedule, String violation) throws Exception {
    List<String> violations =
        play(
            schedule,
            () -> ServiceProcess.builder().main(PlantedService.class.getName(), bug.name()),
            Duration.ofSeconds(5));

    assertThat(violations).anyMatch(each -> each.startsWith(violation));
  }

  /** That it is the bug which is found: as long again, so only when it is asked for. */
  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "buildonce.chaos.healthy", matches = "true")
  void nothingIsFoundWithoutBug(Schedule schedule) throws Exception {
    assertThat(play(schedule, ServiceProcess::builder, Duration.ofSeconds(60))).isEmpty();
  }

  private List<String> play(
      Schedule schedule, Supplier<ServiceProcess.Builder> service, Duration quiet)
      throws Exception {
    try (Stage stage = new Stage(directory, schedule.term)) {
      stage.start(Stream.generate(service).limit(schedule.replicas).toList());
      schedule.play(stage);
      stage.awaitQuiet(quiet);
      List<String> violations = Checker.check(stage.history(List.of(Schedule.KEY)));
      violations.forEach(System.out::println);
      return violations;
    }
  }
}
