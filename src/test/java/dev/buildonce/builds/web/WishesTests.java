package dev.buildonce.builds.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WishesTests {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "wait=2 | 2",
        "respond-async, wait=3 | 3",
        "WAIT = 4 | 4",
        "wait=\"5\" | 5",
        "wait=6; why=\"a, b\" | 6",
        "wait=7, wait=8 | 7",
        "note=\"a, wait=1\", wait=9 | 9",
        "wait=0 | 0",
        "wait=99999999999999999999 | 999999999",
      })
  void preferredWaitIsFoundAmongOtherPreferences(String header, long seconds) {
    assertThat(Wishes.preferredWait(List.of(header))).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "wait", "wait=x", "wait=-1", "wait=1.5", "note; wait=5", "note=\"a, wait=5\""})
  void preferredWaitWhenThereIsNoneIsNull(String header) {
    assertThat(Wishes.preferredWait(List.of(header))).isNull();
  }

  @Test
  void preferredWaitMayStandInAnyHeader() {
    assertThat(Wishes.preferredWait(List.of("respond-async", "wait=3")))
        .isEqualTo(Duration.ofSeconds(3));
  }
}
