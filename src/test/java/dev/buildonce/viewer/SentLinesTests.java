package dev.buildonce.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentLinesTests {

  private static final String ESC = "\u001b";

  @Test
  void seenWhenLineHasColoursIsItsText() {
    assertThat(
            SentLines.seen(ESC + "[1;31mred" + ESC + "[0m and " + ESC + "]8;;u" + ESC + "\\link"))
        .isEqualTo("red and link");
  }

  @Test
  void seenWhenLineIsWrittenOverIsWhatWasWrittenLast() {
    assertThat(SentLines.seen("10%\r55%\r100%")).isEqualTo("100%");
    assertThat(SentLines.seen("from Windows\r")).isEqualTo("from Windows");
    assertThat(SentLines.seen("\r\r")).isEmpty();
    assertThat(SentLines.seen("")).isEmpty();
  }

  @Test
  void seenWhenLineHasControlCharactersLeavesThemOut() {
    assertThat(SentLines.seen("a\u0000b\u0007\tc" + ESC)).isEqualTo("ab\tc");
  }
}
