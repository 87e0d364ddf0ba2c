package dev.buildonce.logs.web;

import java.io.IOException;
import java.io.OutputStream;

/** Writes bytes of a log as the inside of a JSON string, by way of a small buffer. */
final class JsonText {

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  /** The longest that one character becomes. */
  private static final int LONGEST = 6;

  private final OutputStream out;
  private final byte[] buffer = new byte[8192];
  private int length;

  JsonText(OutputStream out) {
    this.out = out;
  }

  /** Writes bytes that end with a whole character; what is no UTF-8 becomes U+FFFD. */
  void write(byte[] bytes, int from, int to) throws IOException {
    int next = from;
    while (next < to) {
      if (length > buffer.length - LONGEST) {
        flush();
      }
      int size = Utf8.at(bytes, next, to);
      if (size == 1) {
        character(bytes[next]);
        next++;
      } else if (size > 0) {
        System.arraycopy(bytes, next, buffer, length, size);
        length += size;
        next += size;
      } else {
        put(0xef);
        put(0xbf);
        put(0xbd);
        next = size == 0 ? to : next - size;
      }
    }
  }

  void flush() throws IOException {
    out.write(buffer, 0, length);
    length = 0;
  }

  private void character(byte next) {
    if (next == '"' || next == '\\') {
      put('\\');
      put(next);
    } else if (next >= ' ') {
      put(next);
    } else {
      escape(next);
    }
  }

  private void escape(byte next) {
    put('\\');
    switch (next) {
      case '\n' -> put('n');
      case '\r' -> put('r');
      case '\t' -> put('t');
      default -> {
        put('u');
        put('0');
        put('0');
        put(HEX[next >> 4]);
        put(HEX[next & 0xf]);
      }
    }
  }

  private void put(int next) {
    buffer[length++] = (byte) next;
  }
}
