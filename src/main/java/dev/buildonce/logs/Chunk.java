package dev.buildonce.logs;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code log_chunks}.
 *
 * @param firstByte offset of its first byte
 * @param firstLine number of the line that byte is in
 * @param bytes how many bytes it stands for
 * @param newlines how many newlines are among them
 * @param codec how {@code data} is stored
 * @param data null if dropped
 * @param arrivals when its bytes came
 */
record Chunk(
    long firstByte,
    long firstLine,
    long bytes,
    long newlines,
    Codec codec,
    byte @Nullable [] data,
    Arrivals arrivals) {

  /** Bytes of a log that are packed. */
  static Chunk of(
      long firstByte, long firstLine, int bytes, int newlines, Packed packed, Arrivals arrivals) {
    return new Chunk(
        firstByte, firstLine, bytes, newlines, packed.codec(), packed.data(), arrivals);
  }

  /** The offset behind its last byte. */
  long end() {
    return firstByte + bytes;
  }

  /** The same in memory, decoded. */
  Stretch stretch() {
    return codec == Codec.DROPPED
        ? new Stretch(firstByte, firstLine, end(), newlines, null, arrivals)
        : new Stretch(firstByte, firstLine, end(), newlines, decoded(), arrivals);
  }

  /** The bytes as the log has them; only of a chunk that was kept. */
  byte[] decoded() {
    if (data == null) {
      throw new IllegalStateException("The chunk at " + firstByte + " was dropped");
    }
    return codec.decode(data, (int) bytes);
  }
}
