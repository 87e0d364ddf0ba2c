package dev.buildonce.logs;

import java.util.Arrays;

/** Finds a text as it is (Boyer, Moore, Horspool), of either case if that is ASCII's. */
final class LiteralFinder implements Finder {

  private final byte[] fold = new byte[256];
  private final int[] shift = new int[256];
  private final byte[] needle;
  private int start;

  LiteralFinder(byte[] text, boolean matchCase) {
    for (int i = 0; i < fold.length; i++) {
      boolean upper = !matchCase && i >= 'A' && i <= 'Z';
      fold[i] = (byte) (upper ? i + 'a' - 'A' : i);
    }
    needle = new byte[text.length];
    for (int i = 0; i < text.length; i++) {
      needle[i] = fold[text[i] & 0xff];
    }
    int[] ofFolded = new int[256];
    Arrays.fill(ofFolded, needle.length);
    for (int i = 0; i < needle.length - 1; i++) {
      ofFolded[needle[i] & 0xff] = needle.length - 1 - i;
    }
    for (int i = 0; i < shift.length; i++) {
      shift[i] = ofFolded[fold[i] & 0xff];
    }
  }

  @Override
  public boolean find(byte[] bytes, int from, int to) {
    int last = needle.length - 1;
    byte end = needle[last];
    int i = from + last;
    while (i < to) {
      int next = bytes[i] & 0xff;
      if (fold[next] == end && isAt(bytes, i - last)) {
        start = i - last;
        return true;
      }
      i += shift[next];
    }
    return false;
  }

  private boolean isAt(byte[] bytes, int index) {
    for (int i = 0; i < needle.length - 1; i++) {
      if (fold[bytes[index + i] & 0xff] != needle[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public int end() {
    return start + needle.length;
  }

  @Override
  public int overlap() {
    return needle.length - 1;
  }
}
