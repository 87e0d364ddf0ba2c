package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class DiskTests {

  @ParameterizedTest
  @CsvSource({"5%, 4999, true", "5%, 5000, false", "6000B, 5999, true", "0, 0, false"})
  void lowIsBelowTheFloor(String floor, long free, boolean low) {
    Disk disk = new Disk(DiskFloor.valueOf(floor), () -> new Disk.Room(free, 100_000));

    assertThat(disk.low()).isEqualTo(low);
    assertThat(disk.lowSince(Instant.now())).isEqualTo(low);
    assertThat(disk.lowSince(Instant.now().minusSeconds(60))).isEqualTo(low);
  }

  @Test
  void lowIsRememberedOverARestart(@TempDir Path folder) throws IOException {
    Instant before = Instant.now();
    try (Home home = new Home(folder.toString())) {
      assertThat(Disk.of(home, DiskFloor.valueOf("0"), new SimpleMeterRegistry()).lowSince(before))
          .isFalse();
      assertThat(
              Disk.of(home, DiskFloor.valueOf("1000000GB"), new SimpleMeterRegistry())
                  .lowSince(before))
          .isTrue();
      Disk after = Disk.of(home, DiskFloor.valueOf("0"), new SimpleMeterRegistry());

      assertThat(after.low()).isFalse();
      assertThat(after.lowSince(before)).isTrue();
      assertThat(after.lowSince(Instant.now())).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lots", "-1GB", "105%", "-5%"})
  void floorThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> DiskFloor.valueOf(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void floorIsFivePercentUnlessSaidOtherwise() {
    assertThat(bind(Map.of()).freeDisk()).isEqualTo(new DiskFloor(5, 0));
    assertThat(bind(Map.of("buildonce.keep.free-disk", "2GB")).freeDisk())
        .isEqualTo(new DiskFloor(0, 2L << 30));
  }

  private static DiskProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("buildonce.keep", DiskProperties.class);
  }
}
