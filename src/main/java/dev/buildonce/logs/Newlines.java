package dev.buildonce.logs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Counts and finds line ends, which are bytes of value 10 and nothing else. */
final class Newlines {

  private Newlines() {}

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final long TENS = 0x0a0a0a0a0a0a0a0aL;
  private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;

  /** Eight bytes at a time: every byte that is stored comes by here. */
  static int count(byte[] bytes, int from, int to) {
    int count = 0;
    int next = from;
    for (; next <= to - Long.BYTES; next += Long.BYTES) {
      long zeros = (long) LONGS.get(bytes, next) ^ TENS; // a byte is 0 where a newline was
      long others = ((zeros & LOW_BITS) + LOW_BITS) | zeros; // its highest bit is set where not
      count += Long.bitCount(~(others | LOW_BITS));
    }
    for (; next < to; next++) {
      if (bytes[next] == '\n') {
        count++;
      }
    }
    return count;
  }

  /** The index of the first newline from an index on; -1 if there is none. */
  static int next(byte[] bytes, int from) {
    return next(bytes, from, bytes.length);
  }

  /** The same before another index. */
  static int next(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
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
