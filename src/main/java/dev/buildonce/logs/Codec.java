package dev.buildonce.logs;

import com.github.luben.zstd.Zstd;
import java.util.Locale;

/** How a chunk's bytes are stored. */
enum Codec {
  PLAIN,
  ZSTD,
  DROPPED;

  /** Fast enough for a build that writes flat out; sealing may take more time later. */
  private static final int LEVEL = 1;

  /** Below this, the frame costs more than it saves. */
  private static final int WORTH_IT = 64;

  /** Compresses if that is shorter; the answer is the array itself if not. */
  static byte[] shorten(byte[] bytes) {
    if (bytes.length < WORTH_IT) {
      return bytes;
    }
    byte[] compressed = Zstd.compress(bytes, LEVEL);
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
