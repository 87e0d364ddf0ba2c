package dev.buildonce.logs;

import com.github.luben.zstd.Zstd;
import java.util.Locale;

/** How a chunk's bytes are stored. */
enum Codec {
  PLAIN,
  ZSTD,
  DROPPED;

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
