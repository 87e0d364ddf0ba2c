package dev.buildonce.builds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureExcerptTests {

  @ParameterizedTest
  @ValueSource(strings = {"x", "\"", "\\", "é", "漢", "\ud83d\ude00", "\u0000", "\t", "\u2028"})
  void excerptHasRoomInFourKibibytesWhateverItsLetters(String letter) {
    List<FailureExcerpt.Line> lines =
        LongStream.rangeClosed(Long.MAX_VALUE - 7, Long.MAX_VALUE)
            .mapToObj(number -> new FailureExcerpt.Line(number, letter.repeat(5000)))
            .toList();

    FailureExcerpt excerpt = new FailureExcerpt(Long.MAX_VALUE - 5, -1000, lines);

    assertThat(excerpt.json().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(4096);
    assertThat(FailureExcerpt.of(excerpt.json())).isEqualTo(excerpt);
    assertThat(excerpt.lines()).hasSize(8);
    String line = excerpt.lines().get(2).text();
    assertThat(line).hasSizeBetween(499, 500).endsWith("…").doesNotContain("\u0000");
    assertThat(line.chars().filter(c -> Character.isHighSurrogate((char) c)).count())
        .isEqualTo(line.chars().filter(c -> Character.isLowSurrogate((char) c)).count());
  }

  @Test
  void excerptThatIsShortStaysAsItIs() {
    List<FailureExcerpt.Line> lines =
        List.of(new FailureExcerpt.Line(1, "  a\tb"), new FailureExcerpt.Line(2, ""));

    assertThat(new FailureExcerpt(1, 80, lines).lines()).isEqualTo(lines);
  }
}
