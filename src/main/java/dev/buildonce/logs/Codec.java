package dev.buildonce.logs;

import com.github.luben.zstd.Zstd;
import java.util.Locale;

/** How a chunk's bytes are stored. */
enum Codec {
  PLAIN,
  ZSTD,
  DROPPED;

  /** Fast enough for a build that writes flat out. */
  private static final int LEVEL = 1;

  /** For what is sealed, when nobody waits. */
  private static final int SEALED_LEVEL = 9;

  /** Below this, the frame costs more than it saves. */
  private static final int WORTH_IT = 64;

  /** Compresses if that is shorter; the answer is the array itself if not. */
  static byte[] shorten(byte[] bytes) {
    return shorten(bytes, LEVEL);
  }

  /** The same, as short as is worth the time. */
  static byte[] seal(byte[] bytes) {
    return shorten(bytes, SEALED_LEVEL);
  }

  private static byte[] shorten(byte[] bytes, int level) {
    if (bytes.length < WORTH_IT) {
      return bytes;
    }
    byte[] compressed = Zstd.compress(bytes, level);
    return compressed.length < bytes.length ? compressed : bytes;
  }

  byte[] decode(byte[] data, int length) {
    return switch (this) {
      case PLAIN -> data;
      case ZSTD -> Zstd.decompress(data, length);
      case DROPPED -> throw new IllegalStateException("A dropped chunk has no bytes");
    };
  }

  /** The name in the database. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Codec ofColumn(String column) {
    return valueOf(column.toUpperCase(Locale.ROOT));
  }
}
