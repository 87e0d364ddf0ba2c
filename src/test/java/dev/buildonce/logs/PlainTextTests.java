package dev.buildonce.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTextTests {

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "^[31mred^[0m, red",
    "^[38;5;196;1mx^[my, xy",
    "^]8;;http://x^\\link^]8;;~end, linkend",
    "a^7b^=c, abc",
    "^[31, ''",
    "a^, a",
    "^]never ended, ''",
  })
  void ofLeavesOutWhatTellsHowTextLooks(String written, String seen) {
    PlainText plain = plain(written);

    assertThat(new String(plain.bytes(), 0, plain.length(), UTF_8)).isEqualTo(seen);
  }

  @Test
  void ofWhenASequenceIsBrokenOffEndsItWithTheLine() {
    PlainText plain = plain("^]never ended\nnext");

    assertThat(new String(plain.bytes(), 0, plain.length(), UTF_8)).isEqualTo("\nnext");
  }

  @Test
  void placeIsWhereTheByteWas() {
    PlainText plain = plain("ab^[31mc^[0md");

    assertThat(plain.place(1)).isEqualTo(1);
    assertThat(plain.place(2)).isEqualTo(7);
    assertThat(plain.place(3)).isEqualTo(12);
    assertThat(plain("abc").place(2)).isEqualTo(2);
  }

  private static PlainText plain(String text) {
    return PlainText.of(text.replace('^', '\u001b').replace('~', '\u0007').getBytes(UTF_8));
  }
}
