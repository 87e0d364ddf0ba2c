package dev.buildonce.runners;

import dev.buildonce.supervisor.Segments;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads from the files of a spool. */
final class SpoolReader implements AutoCloseable {

  private final Path spool;
  private @Nullable FileChannel segment;
  private long segmentStart = -1;

  SpoolReader(Path spool) {
    this.spool = spool;
  }

  /**
   * Fills the buffer, or as much of it as the file with that offset has.
   *
   * @return the number of bytes, at least one
   */
  int read(ByteBuffer into, long offset) throws IOException {
    long start = offset / Segments.SIZE * Segments.SIZE;
    FileChannel file = segment;
    if (file == null || start != segmentStart) {
      close();
      file = FileChannel.open(Segments.holding(spool, offset), StandardOpenOption.READ);
      segment = file;
      segmentStart = start;
    }
    int count = file.read(into, offset - start);
    if (count < 1) {
      throw new EOFException("no byte at " + offset + " of " + spool);
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    if (segment != null) {
      segment.close();
    }
  }
}
