package dev.buildonce.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a build wrote and the service has not stored yet, in files of a few MiB, bounded. The files
 * are not forced to the disk: they outlive our processes, and after a crash of the machine no build
 * runs on.
 */
final class Spool implements AutoCloseable {

  /** Bytes on disk from which on nothing more is read from the build. */
  static final long BOUND = 64 << 20;

  /** A file of no use but that it takes room, for which the last bytes of a build are written. */
  static final String RESERVE = "reserve";

  private final Path folder;
  private long base; // first byte that is still there
  private long length; // of all that was ever written
  private @Nullable FileChannel current;

  private Spool(Path folder, long base, long length) {
    this.folder = folder;
    this.base = base;
    this.length = length;
  }

  /** The spool in that folder as it is found, empty at first. */
  static Spool in(Path folder) throws IOException {
    List<Path> files;
    try (var entries = Files.list(folder)) {
      files = entries.filter(Segments::isSegment).toList();
    }
    long base = files.stream().mapToLong(Segments::firstOffset).min().orElse(0);
    long last = files.stream().mapToLong(Segments::firstOffset).max().orElse(0);
    return new Spool(
        folder, base, files.isEmpty() ? 0 : last + Files.size(Segments.holding(folder, last)));
  }

  /** Appends all of it; after a failure the buffer begins with what is still to be written. */
  void append(ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      long end = length();
      long room = Segments.SIZE - end % Segments.SIZE;
      FileChannel segment = segmentAt(end);
      int limit = data.limit();
      data.limit((int) Math.min(limit, data.position() + room));
      int written;
      try {
        written = segment.write(data);
      } finally {
        data.limit(limit);
      }
      synchronized (this) {
        length += written;
      }
    }
  }

  private FileChannel segmentAt(long offset) throws IOException {
    FileChannel segment = current;
    if (segment == null || offset % Segments.SIZE == 0) {
      close();
      segment =
          FileChannel.open(
              Segments.holding(folder, offset),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
      current = segment;
    }
    return segment;
  }

  synchronized long base() {
    return base;
  }

  synchronized long length() {
    return length;
  }

  /** Waits until there is room for more; false if there is none in time. */
  synchronized boolean awaitRoom(long millis) throws InterruptedException {
    if (isFull()) {
      wait(millis);
    }
    return !isFull();
  }

  private boolean isFull() {
    return length - base >= BOUND;
  }

  /** Gives up what lies before the offset: the service has it for good. */
  void stored(long offset) throws IOException {
    long from;
    long to;
    synchronized (this) {
      from = base;
      to = Math.min(offset, length) / Segments.SIZE * Segments.SIZE;
    }
    for (long at = from; at < to; at += Segments.SIZE) {
      Files.deleteIfExists(Segments.holding(folder, at));
      synchronized (this) {
        base = Math.max(base, at + Segments.SIZE);
        notifyAll();
      }
    }
  }

  /** Makes room for what is left to write when the disk is full. */
  void giveUpReserve() throws IOException {
    Files.deleteIfExists(folder.resolve(RESERVE));
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
