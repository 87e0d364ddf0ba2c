package dev.buildonce.logs;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

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

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final ArrayBlockingQueue<Packer> FREE = new ArrayBlockingQueue<>(PROCESSORS);

  /*
   * Threads of the system: a virtual one would not let go of its carrier for the milliseconds that
   * it compresses, and who waits for the database would wait for that as well.
   */
  private static final ExecutorService THREADS =
      Executors.newFixedThreadPool(
          PROCESSORS, Thread.ofPlatform().name("log-compressing-", 0).daemon().factory());

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private byte[] room = new byte[0];

  private Packer() {}

  /**
   * Does several at a time; a single one at once. What is queued is bounded by who waits for it.
   *
   * @param meanwhile what the caller's thread does while it would wait
   */
  static <T> List<T> all(List<Supplier<T>> work, Runnable meanwhile) {
    if (work.size() == 1) {
      T one = work.getFirst().get();
      meanwhile.run();
      return List.of(one);
    }
    List<CompletableFuture<T>> started =
        work.stream().map(each -> CompletableFuture.supplyAsync(each, THREADS)).toList();
    meanwhile.run();
    return started.stream().map(CompletableFuture::join).toList();
  }

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
