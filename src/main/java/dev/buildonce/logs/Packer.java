package dev.buildonce.logs;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;

/** Compresses what is to be stored. */
/*
 * The compressor and the room for what it writes are used again: to make them takes as long as to
 * compress, and half a mebibyte of garbage each time keeps the collector busy. As many are kept as
 * there are processors, for all logs together.
 */
final class Packer {

  /** Fast enough for a build that writes flat out. */
  private static final int LEVEL = 1;

  /** For what is sealed, when nobody waits. */
  private static final int SEALED_LEVEL = 9;

  /** Below this, the frame costs more than it saves. */
  private static final int WORTH_IT = 64;

  private static final ArrayBlockingQueue<Packer> FREE =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private byte[] room = new byte[0];

  private Packer() {}

  /** Compresses part of an array if that is shorter. */
  static Packed pack(byte[] bytes, int from, int to) {
    return pack(bytes, from, to, LEVEL);
  }

  /** Makes a whole array as short as is worth the time. */
  static Packed seal(byte[] bytes) {
    return pack(bytes, 0, bytes.length, SEALED_LEVEL);
  }

  private static Packed pack(byte[] bytes, int from, int to, int level) {
    int length = to - from;
    if (length >= WORTH_IT) {
      Packer free = FREE.poll();
      Packer packer = free == null ? new Packer() : free;
      byte[] compressed;
      try {
        compressed = packer.compress(bytes, from, length, level);
      } finally {
        if (!FREE.offer(packer)) {
          packer.compressor.close();
        }
      }
      if (compressed.length < length) {
        return new Packed(Codec.ZSTD, compressed);
      }
    }
    return new Packed(Codec.PLAIN, Arrays.copyOfRange(bytes, from, to));
  }

  private byte[] compress(byte[] bytes, int from, int length, int level) {
    int most = Math.toIntExact(Zstd.compressBound(length));
    if (room.length < most) {
      room = new byte[most];
    }
    compressor.setLevel(level);
    int count = compressor.compressByteArray(room, 0, most, bytes, from, length);
    return Arrays.copyOf(room, count);
  }
}
