package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskTests {

  @ParameterizedTest
  @CsvSource({
    "hunter2, password=hunter2!, password=***!",
    "hunter2, hunterhunter2, hunter***",
    "hunter2, hunter, hunter",
    "'abcd,cdef', xabcdefx, x***x",
    "'abcd,efgh', abcdefgh, ******",
    "'abcd,abcdefgh', 'abcdefgx abcdefgh', '***efgx ***'",
    "'abcdefgh,cdef', 'abcdef cdefgh', 'ab*** ***gh'",
    "aaaa, xaaaaaaay, x***y",
    "abc, abcabc, abcabc",
    "'', anything, anything",
  })
  void feedMasksEachOccurrence(String secrets, String source, String expected) {
    assertThat(masked(Mask.of(List.of(secrets.split(","))), source)).isEqualTo(expected);
  }

  @Test
  void feedWhenSecretHasSeveralLinesMasksAcrossThem() {
    var mask = Mask.of(List.of("-----BEGIN\nabc\n-----END\n"));

    assertThat(masked(mask, "key: -----BEGIN\nabc\n-----END\n")).isEqualTo("key: ***\n");
  }

  @Test
  void feedWhenSplitAnywhereGivesTheSame() {
    var mask = Mask.of(List.of("abab", "babc", "cccc", "abcab\ncab", "é€x"));
    var random = new Random(1);
    for (int round = 0; round < 300; round++) {
      byte[] source = source(random, 60);
      byte[] expected = reference(source, List.of("abab", "babc", "cccc", "abcab\ncab", "é€x"));
      for (int split = 0; split <= source.length; split++) {
        assertThat(feed(mask, source, split)).isEqualTo(expected);
      }
      int[] splits = random.ints(5, 0, source.length + 1).sorted().toArray();
      assertThat(feed(mask, source, splits)).isEqualTo(expected);
    }
  }

  @Test
  void feedWhenReadAnewFromTheBorderGivesTheSame() {
    var mask = Mask.of(List.of("abab", "babc", "cccc", "abcab\ncab"));
    var random = new Random(2);
    for (int round = 0; round < 300; round++) {
      byte[] source = source(random, 60);
      byte[] expected = feed(mask, source);
      for (int stop = 0; stop <= source.length; stop++) {
        var stream = new MaskStream(mask);
        var out = new Bytes();
        stream.feed(source, 0, stop, out);
        var rest = new MaskStream(mask);
        rest.feed(source, stop - stream.heldBack(), source.length, out);
        rest.finish(out);
        assertThat(out.takeAll()).isEqualTo(expected);
      }
    }
  }

  @Test
  void feedWhenNothingMayBeSecretHoldsNothingBack() {
    var stream = new MaskStream(Mask.of(List.of("secret")));
    var out = new Bytes();

    stream.feed("no s here, no sec".getBytes(StandardCharsets.UTF_8), 0, 17, out);

    assertThat(out.takeAll()).asString().isEqualTo("no s here, no ");
    assertThat(stream.heldBack()).isEqualTo(3);
  }

  @Test
  void feedWhenOccurrencesOverlapWithoutEndPassesOn() {
    var stream = new MaskStream(Mask.of(List.of("------")));
    var out = new Bytes();
    byte[] line = new byte[1024 * 1024];
    Arrays.fill(line, (byte) '-');

    stream.feed(line, 0, line.length, out);

    assertThat(stream.heldBack()).isLessThanOrEqualTo(64 * 1024);
    assertThat(out.takeAll()).asString().containsPattern("^[*]+$");
  }

  private static String masked(Mask mask, String source) {
    return new String(feed(mask, source.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  private static byte[] feed(Mask mask, byte[] source, int... splits) {
    var stream = new MaskStream(mask);
    var out = new Bytes();
    int from = 0;
    for (int split : splits) {
      stream.feed(source, from, split, out);
      from = split;
    }
    stream.feed(source, from, source.length, out);
    stream.finish(out);
    return out.takeAll();
  }

  private static byte[] source(Random random, int length) {
    var text = new StringBuilder();
    List<String> pieces = new ArrayList<>(List.of("a", "b", "c", "\n", "cab", "é€x", "é€"));
    while (text.length() < length) {
      text.append(pieces.get(random.nextInt(pieces.size())));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Marks every occurrence by plain search; what is joined to its left neighbour shares its stars.
   */
  private static byte[] reference(byte[] source, List<String> secrets) {
    var covered = new BitSet();
    var joined = new BitSet();
    for (String secret : secrets) {
      byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
      for (int at = 0; at + bytes.length <= source.length; at++) {
        if (Arrays.equals(source, at, at + bytes.length, bytes, 0, bytes.length)) {
          covered.set(at, at + bytes.length);
          joined.set(at + 1, at + bytes.length);
        }
      }
    }
    var out = new Bytes();
    for (int at = 0; at < source.length; at++) {
      if (!covered.get(at)) {
        out.append(source, at, at + 1);
      } else if (!joined.get(at)) {
        out.append(new byte[] {'*', '*', '*'}, 0, 3);
      }
    }
    return out.takeAll();
  }

  @Test
  void coverMasksATextAndOccursInFindsBytes() {
    Mask mask = Mask.of(List.of("s3cret", "\u00e4\u00f6\u00fc"));

    assertThat(mask.cover("a s3cret and \u00e4\u00f6\u00fc and s3cre"))
        .isEqualTo("a *** and *** and s3cre");
    assertThat(mask.occursIn("xs3s3cretx".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(mask.occursIn("s3cre".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(Mask.none().cover("plain")).isEqualTo("plain");
  }
}
