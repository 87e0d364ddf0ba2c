package dev.buildonce.logs;

/** Counts and finds line ends, which are bytes of value 10 and nothing else. */
final class Newlines {

  private Newlines() {}

  static int count(byte[] bytes, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\n') {
        count++;
      }
    }
    return count;
  }

  /** The index of the first newline from an index on; -1 if there is none. */
  static int next(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** The index of the last newline; -1 if there is none. */
  static int last(byte[] bytes) {
    int i = bytes.length - 1;
    while (i >= 0 && bytes[i] != '\n') {
      i--;
    }
    return i;
  }

  /** The index behind the n-th newline, counted from 1; -1 if there are fewer. */
  static int after(byte[] bytes, long nth) {
    long left = nth;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n' && --left == 0) {
        return i + 1;
      }
    }
    return -1;
  }
}
