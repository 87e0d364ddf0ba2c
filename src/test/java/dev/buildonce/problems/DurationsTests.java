package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTests {

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "90, PT1M30S",
    "90s, PT1M30S",
    "500ms, PT0.5S",
    "10m, PT10M",
    "1h, PT1H",
    "30d, PT720H",
    "PT10M, PT10M",
    "pt1.5s, PT1.5S",
    "P1DT1H, PT25H",
    "36525d, PT876600H"
  })
  void parseReadsEveryForm(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "soon",
        "-1",
        "-PT1S",
        "1.5",
        "1 m",
        "10M",
        "1w",
        "90S",
        "PT",
        "P",
        "１",
        "36526d",
        "999999999999999999",
        "999999999999999999d",
        "9999999999999999999",
        "PT9e9S"
      })
  void parseRefusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageStartingWith("is ");
  }
}
