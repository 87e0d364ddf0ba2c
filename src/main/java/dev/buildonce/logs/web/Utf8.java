package dev.buildonce.logs.web;

/** Which bytes make a character, and which never will. */
final class Utf8 {

  private Utf8() {}

  /**
   * What stands at an index.
   *
   * @return n: a character of n bytes; 0: the start of one that goes on behind {@code end}; -n: n
   *     bytes that are one character's broken start, or a byte that none has there
   */
  static int at(byte[] bytes, int index, int end) {
    int lead = bytes[index] & 0xff;
    if (lead < 0x80) {
      return 1;
    }
    int length = length(lead);
    if (length == 0) {
      return -1;
    }
    for (int i = 1; i < length; i++) {
      if (index + i == end) {
        return 0;
      }
      int next = bytes[index + i] & 0xff;
      if (next < (i == 1 ? lowest(lead) : 0x80) || next > (i == 1 ? highest(lead) : 0xbf)) {
        return -i;
      }
    }
    return length;
  }

  /** How many bytes at the end are a character that may go on. */
  static int unfinished(byte[] bytes, int from, int to) {
    for (int back = 1; back <= 3 && to - back >= from; back++) {
      if ((bytes[to - back] & 0xc0) != 0x80) {
        return at(bytes, to - back, to) == 0 ? back : 0;
      }
    }
    return 0;
  }

  /** How many UTF-16 units bytes are as text; what is no character is one. */
  static int units(byte[] bytes, int from, int to) {
    int units = 0;
    int next = from;
    while (next < to) {
      int size = at(bytes, next, to);
      units += size == 4 ? 2 : 1;
      next = size == 0 ? to : next + Math.abs(size);
    }
    return units;
  }

  private static int length(int lead) {
    if (lead < 0xc2 || lead > 0xf4) {
      return 0;
    }
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  }

  /** No overlong forms. */
  private static int lowest(int lead) {
    return lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  }

  /** No surrogates, nothing above U+10FFFF. */
  private static int highest(int lead) {
    return lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  }
}
