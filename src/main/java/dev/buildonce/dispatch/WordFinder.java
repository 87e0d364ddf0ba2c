package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Finds the lines that have one of some words in them, whatever the case of ASCII letters: one look
 * at each byte, however many words there are (Aho and Corasick). For one thread.
 */
/*
 * Most of a log is no such word. So it first looks at three bytes at a time, at places so far apart
 * that no word fits between them, and asks a table whether any word has such three bytes near its
 * begin (the idea of Wu and Manber, 1994, without their shifts: looks that do not depend on each
 * other are what a processor does several of at once). Only where one may, each byte is looked at.
 */
final class WordFinder {
  private static final int ALPHABET = 256;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int GRAM = 3; // bytes
  private static final int GRAM_BITS = 13; // of a place in the table
  private static final int LOWER = 0x202020; // makes letters alike, and a few others

  private final int[] kinds = new int[ALPHABET]; // of bytes that are alike for all words
  private final int width; // of a row
  private final int[] rows; // what follows a state, which is the index of its row, by kind
  private final long[] found; // bits of the words that end in a state
  private final int apart; // of places to look at; 0 if each byte has to be
  private final boolean[] grams = new boolean[1 << GRAM_BITS];
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
    int shortest = words.stream().mapToInt(word -> bytes(word).length).min().orElse(0);
    apart = Math.max(0, shortest - GRAM + 1);
    for (String word : words) {
      for (int i = 0; i < apart; i++) {
        grams[gram((int) INTS.get(Arrays.copyOf(bytes(word), bytes(word).length + 1), i))] = true;
      }
    }
  }

  /** The place in the table of the first three of four bytes. */
  private static int gram(int bytes) {
    return (bytes & 0xffffff | LOWER) * 0x9e3779b1 >>> Integer.SIZE - GRAM_BITS;
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
    int begin = from; // of the first word that may be there
    int place = begin + apart - 1;
    int last = to - Integer.BYTES;
    while (apart > 0 && place <= last) {
      if (!grams[gram((int) INTS.get(bytes, place))]) {
        place += apart;
        continue;
      }
      int end = follow(bytes, Math.max(begin, place - apart + 1), place, to);
      if (end > 0) {
        return end;
      }
      begin = ~end;
      place = begin + apart - 1;
    }
    int end = follow(bytes, Math.max(begin, place - apart + 1), to, to);
    return end > 0 ? end : -1;
  }

  /**
   * Looks at each byte.
   *
   * @param least how far to go at least, and then on as long as it may be within a word
   * @return the index behind the first word's end, or else, inverted, behind what was looked at
   */
  private int follow(byte[] bytes, int from, int least, int to) {
    int state = 0;
    for (int i = from; i < to; i++) {
      state = rows[state + kinds[bytes[i] & 0xff]];
      if (state < 0) {
        ended = found[~state / width];
        return i + 1;
      }
      if (state == 0 && i >= least) {
        return ~(i + 1);
      }
    }
    return ~to;
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
