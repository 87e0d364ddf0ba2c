package dev.buildonce.logs;

/** Numbers of variable length, seven bits a byte, the lowest first. */
final class VarLongs {

  private final byte[] data;
  private int next;

  VarLongs(byte[] data) {
    this.data = data;
  }

  boolean hasNext() {
    return next < data.length;
  }

  long next() {
    long number = 0;
    int shift = 0;
    byte part;
    do {
      part = data[next++];
      number |= (long) (part & 0x7f) << shift;
      shift += 7;
    } while (part < 0);
    return number;
  }

  static void append(Bytes out, long number) {
    var parts = new byte[10];
    int length = 0;
    long left = number;
    do {
      long rest = left >>> 7;
      parts[length++] = (byte) (left & 0x7f | (rest == 0 ? 0 : 0x80));
      left = rest;
    } while (left != 0);
    out.append(parts, 0, length);
  }
}
