package dev.buildonce.logs;

import java.util.Arrays;

/**
 * Text without what tells a terminal how it looks, and where each of its bytes was.
 *
 * <p>Who searches a log looks for what is seen: compilers colour the word "error" in the middle of
 * what is one phrase to a reader.
 */
final class PlainText {

  private static final byte ESC = 0x1b;
  private static final byte BELL = 0x07;

  private final byte[] bytes;
  private final int length;
  private final int[] places;

  private PlainText(byte[] bytes, int length, int[] places) {
    this.bytes = bytes;
    this.length = length;
    this.places = places;
  }

  /** A text as it was written; it must not be changed as long as this is used. */
  static PlainText of(byte[] text) {
    int escape = next(text, 0);
    if (escape == text.length) {
      return new PlainText(text, text.length, new int[0]);
    }
    byte[] bytes = Arrays.copyOf(text, text.length);
    int[] places = new int[text.length];
    for (int i = 0; i < escape; i++) {
      places[i] = i;
    }
    int length = escape;
    int at = escape;
    while (at < text.length) {
      if (text[at] == ESC) {
        at = behind(text, at);
      } else {
        bytes[length] = text[at];
        places[length++] = at++;
      }
    }
    return new PlainText(bytes, length, places);
  }

  byte[] bytes() {
    return bytes;
  }

  /** How many of the bytes count. */
  int length() {
    return length;
  }

  /** Where a byte was in the text as it was written. */
  int place(int index) {
    return places.length == 0 ? index : places[index];
  }

  private static int next(byte[] text, int from) {
    int at = from;
    while (at < text.length && text[at] != ESC) {
      at++;
    }
    return at;
  }

  /** The index behind an escape sequence; one that is broken off ends with its line. */
  private static int behind(byte[] text, int escape) {
    int at = escape + 1;
    if (at == text.length) {
      return at;
    }
    return switch (text[at]) {
      case '[' -> {
        at++;
        while (at < text.length && text[at] >= ' ' && text[at] <= '?') {
          at++;
        }
        yield at < text.length && text[at] >= '@' && text[at] <= '~' ? at + 1 : at;
      }
      case ']', 'P', 'X', '^', '_' -> string(text, at + 1);
      default -> text[at] >= ' ' && text[at] <= '~' ? at + 1 : at;
    };
  }

  private static int string(byte[] text, int from) {
    for (int at = from; at < text.length; at++) {
      if (text[at] == BELL) {
        return at + 1;
      }
      if (text[at] == '\n') {
        return at;
      }
      if (text[at] == ESC) {
        return at + 1 < text.length && text[at + 1] == '\\' ? at + 2 : at;
      }
    }
    return text.length;
  }
}
