package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Finds the lines that have one of some words in them, whatever the case of ASCII letters: one look
 * at each byte, however many words there are (Aho and Corasick). For one thread.
 */
final class WordFinder {
  private static final int ALPHABET = 256;

  private final int[] kinds = new int[ALPHABET]; // of bytes that are alike for all words
  private final int width; // of a row
  private final int[] rows; // what follows a state, which is the index of its row, by kind
  private final long[] found; // bits of the words that end in a state
  private long ended;

  /** A finder; the words have a bit each, in their order. */
  WordFinder(List<String> words) {
    if (words.size() > Long.SIZE) {
      throw new IllegalArgumentException(words.size() + " words are too many");
    }
    int states = 1;
    int kind = 1;
    for (String word : words) {
      for (byte letter : bytes(word)) {
        int at = letter & 0xff;
        if (kinds[at] == 0) {
          kinds[at] = kind++;
        }
        states++;
      }
    }
    for (int upper = 'A'; upper <= 'Z'; upper++) {
      kinds[upper] = kinds[upper + 'a' - 'A'];
    }
    width = kind;
    int[][] next = new int[states][width];
    found = new long[states];
    int count = 1;
    for (int i = 0; i < words.size(); i++) {
      int state = 0;
      for (byte letter : bytes(words.get(i))) {
        int of = kinds[letter & 0xff];
        if (next[state][of] == 0) {
          next[state][of] = count++;
        }
        state = next[state][of];
      }
      found[state] |= 1L << i;
    }
    link(next, count);
    rows = new int[count * width];
    for (int state = 0; state < count; state++) {
      for (int of = 0; of < width; of++) {
        int to = next[state][of];
        // The sign tells a word's end without another look.
        rows[state * width + of] = found[to] == 0 ? to * width : ~(to * width);
      }
    }
  }

  private static byte[] bytes(String word) {
    return word.toLowerCase(Locale.ROOT).getBytes(UTF_8);
  }

  /** Has each state go on where the longest end of what it stands for does. */
  private void link(int[][] next, int count) {
    int[] shorter = new int[count];
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    Arrays.stream(next[0]).filter(state -> state > 0).forEach(queue::add);
    while (!queue.isEmpty()) {
      int state = queue.remove();
      found[state] |= found[shorter[state]];
      for (int of = 0; of < width; of++) {
        int to = next[state][of];
        int otherwise = next[shorter[state]][of];
        if (to == 0) {
          next[state][of] = otherwise;
        } else {
          shorter[to] = otherwise;
          queue.add(to);
        }
      }
    }
  }

  /** The index behind the first word's end from an index on; -1 if there is none. */
  int find(byte[] bytes, int from, int to) {
    int state = 0;
    for (int i = from; i < to; i++) {
      state = rows[state + kinds[bytes[i] & 0xff]];
      if (state < 0) {
        ended = found[~state / width];
        return i + 1;
      }
    }
    return -1;
  }

  /** Bits of the words that end where {@link #find} found one. */
  long ended() {
    return ended;
  }

  /** Bits of all words in a stretch. */
  long all(byte[] bytes, int from, int to) {
    long all = 0;
    int state = 0;
    for (int i = from; i < to; i++) {
      state = rows[state + kinds[bytes[i] & 0xff]];
      if (state < 0) {
        state = ~state;
        all |= found[state / width];
      }
    }
    return all;
  }
}
