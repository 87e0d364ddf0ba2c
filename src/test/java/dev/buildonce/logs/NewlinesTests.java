package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NewlinesTests {
  /** Bytes that look like a newline but for one bit, and what carries could make of neighbours. */
  private static final byte[] SIMILAR = {10, 11, 9, 8, 0, 1, 2, 26, 42, 74, -118, -117, -1, -128};

  @Test
  void countFindsNewlinesAndNothingElseWhereverItBegins() {
    Random random = new Random(1);
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = new byte[random.nextInt(70)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = SIMILAR[random.nextInt(round % 2 == 0 ? SIMILAR.length : 4)];
      }
      int from = random.nextInt(bytes.length + 1);
      int to = from + random.nextInt(bytes.length - from + 1);

      int count = 0;
      for (int i = from; i < to; i++) {
        count += bytes[i] == 10 ? 1 : 0;
      }
      assertThat(Newlines.count(bytes, from, to)).isEqualTo(count);
    }
  }
}
