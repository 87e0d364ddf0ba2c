package dev.buildonce.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnbrokenReadingTests {
  private final UnbrokenReading reading = new UnbrokenReading(Duration.ofSeconds(30));

  @Test
  void readsForATermAllowToJudge() {
    assertThat(IntStream.rangeClosed(0, 29).mapToObj(this::read)).containsOnly(false);

    assertThat(read(30)).isTrue();
    assertThat(read(31)).isTrue();
  }

  @Test
  void failureBeginsAnotherTerm() {
    IntStream.rangeClosed(0, 40).forEach(this::read);

    reading.failed();

    assertThat(IntStream.rangeClosed(41, 70).mapToObj(this::read)).containsOnly(false);
    assertThat(read(71)).isTrue();
  }

  @Test
  void pauseOfOursAndAClockSetBackBeginAnotherTerm() {
    IntStream.rangeClosed(0, 40).forEach(this::read);

    assertThat(read(100)).isFalse();
    assertThat(read(130)).isTrue();
    assertThat(read(120)).isFalse();
    assertThat(read(150)).isTrue();
  }

  private boolean read(int second) {
    return reading.read(Instant.EPOCH.plusSeconds(second));
  }
}
