package dev.buildonce.logs;

import java.util.Arrays;

/** Bytes that grow at their end and are taken from their start. */
final class Bytes {

  private byte[] array = new byte[0];
  private int length;

  int length() {
    return length;
  }

  void append(byte[] source, int from, int to) {
    int more = to - from;
    if (more == 0) {
      return;
    }
    if (length + more > array.length) {
      array = Arrays.copyOf(array, Math.max(length + more, 2 * length));
    }
    System.arraycopy(source, from, array, length, more);
    length += more;
  }

  /** Forgets them and keeps the memory for the next. */
  void clear() {
    length = 0;
  }

  /** The memory they are in, from its start, until anything else is done here. */
  byte[] array() {
    return array;
  }

  /** A copy of all of them. */
  byte[] copy() {
    return Arrays.copyOf(array, length);
  }

  /** Takes all of them out; the memory goes with them. */
  byte[] takeAll() {
    byte[] all = length == array.length ? array : Arrays.copyOf(array, length);
    array = new byte[0];
    length = 0;
    return all;
  }
}
