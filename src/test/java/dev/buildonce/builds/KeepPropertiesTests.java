package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class KeepPropertiesTests {

  @Test
  void defaultsAreOnAndThoseOfTheReadme() {
    assertThat(bind(Map.of()))
        .isEqualTo(
            new KeepProperties(
                20, Duration.ofDays(180), DataSize.ofGigabytes(50), Duration.ofDays(30)));
  }

  @Test
  void everyKeyIsBound() {
    assertThat(
            bind(
                Map.of(
                    "buildonce.keep.attempts", "3",
                    "buildonce.keep.unused", "7d",
                    "buildonce.keep.log-bytes", "1GB",
                    "buildonce.keep.changes", "1h")))
        .isEqualTo(
            new KeepProperties(
                3, Duration.ofDays(7), DataSize.ofGigabytes(1), Duration.ofHours(1)));
  }

  @Test
  void lessThanNothingIsRefused() {
    assertThatThrownBy(() -> bind(Map.of("buildonce.keep.unused", "-1d")))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
  }

  private static KeepProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("buildonce.keep", KeepProperties.class);
  }
}
