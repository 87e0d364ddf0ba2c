package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordFinderTests {

  @Test
  void findGivesTheFirstEndAndAllGivesEachWord() {
    var random = new Random(5);
    for (int round = 0; round < 2000; round++) {
      List<String> words =
          IntStream.rangeClosed(0, random.nextInt(5)).mapToObj(_ -> text(random, 4)).toList();
      String text = text(random, 30);
      byte[] bytes = text.getBytes(US_ASCII);
      WordFinder finder = new WordFinder(words);

      int behind = finder.find(bytes, 0, bytes.length);
      long all = finder.all(bytes, 0, bytes.length);

      String lower = text.toLowerCase(Locale.ROOT);
      int first = Integer.MAX_VALUE;
      long expected = 0;
      for (int i = 0; i < words.size(); i++) {
        int at = lower.indexOf(words.get(i).toLowerCase(Locale.ROOT));
        if (at >= 0) {
          first = Math.min(first, at + words.get(i).length());
          expected |= 1L << i;
        }
      }
      assertThat(behind).as("%s in %s", words, text).isEqualTo(expected == 0 ? -1 : first);
      assertThat(all).as("%s in %s", words, text).isEqualTo(expected);
    }
  }

  @Test
  void moreWordsThanBitsAreRefused() {
    List<String> words = Collections.nCopies(65, "word");

    assertThatThrownBy(() -> new WordFinder(words)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new WordFinder(words.subList(0, 64)).all("a Word".getBytes(US_ASCII), 0, 6))
        .isEqualTo(-1);
  }

  private static String text(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(1, most + 1); i > 0; i--) {
      text.append("aAbBc \n".charAt(random.nextInt(most > 4 ? 7 : 5)));
    }
    return text.toString();
  }
}
