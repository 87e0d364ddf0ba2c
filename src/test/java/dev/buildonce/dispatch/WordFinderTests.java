package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
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
    for (int round = 0; round < 20_000; round++) {
      int least = random.nextInt(1, 6);
      List<String> words =
          IntStream.rangeClosed(0, random.nextInt(5))
              .mapToObj(_ -> text(random, least, least + 3, "aAbBc"))
              .toList();
      String text = text(random, 1, 60, "aAbBc \n\u00e4");
      byte[] bytes = text.getBytes(ISO_8859_1);
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

  private static String text(Random random, int least, int most, String letters) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(least, most + 1); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  @Test
  void findFromAnIndexOnGivesEachEndInItsOrder() {
    byte[] text = "an Error, erroerror; pERRORs-error".getBytes(US_ASCII);
    WordFinder finder = new WordFinder(List.of("error", "errors"));
    List<Integer> ends = new ArrayList<>();

    for (int at = 0; (at = finder.find(text, at, text.length)) > 0; ) {
      ends.add(at);
    }

    assertThat(ends).containsExactly(8, 19, 27, 34);
  }
}
