package dev.buildonce.runners;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The file in which a build says what it waits for, looked at again and again. */
final class PendingFile {

  private static final int LONGEST = 200; // characters
  private static final int READ = 4 << 10; // bytes: whoever puts more before a line break is cut

  private final Path file;
  private @Nullable Stamp seen;
  private @Nullable String line;

  private record Stamp(@Nullable Object file, FileTime modified, long size) {}

  PendingFile(Path file) {
    this.file = file;
  }

  /** Looks again; whether the line is another than at the last look. */
  boolean hasChanged() {
    String before = line;
    try {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      var stamp = new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
      if (!attributes.isRegularFile()) {
        seen = null;
        line = null;
      } else if (!stamp.equals(seen)) {
        line = read();
        seen = stamp;
      }
    } catch (IOException _) {
      seen = null;
      line = null;
    }
    return line == null ? before != null : !line.equals(before);
  }

  /** The line at the last look. */
  @Nullable String line() {
    return line;
  }

  private @Nullable String read() throws IOException {
    String first =
        new String(bytes(), StandardCharsets.UTF_8).strip().lines().findFirst().orElse("");
    var text = new StringBuilder();
    first
        .codePoints()
        .map(point -> Character.isISOControl(point) ? ' ' : point)
        .limit(LONGEST)
        .forEach(text::appendCodePoint);
    String clean = text.toString().strip();
    return clean.isEmpty() ? null : clean;
  }

  /**
   * The build may have put a pipe in the file's place since we looked. To open one for reading
   * alone would wait for a writer, and a plain read for its bytes; a read at a position fails on a
   * pipe.
   */
  private byte[] bytes() throws IOException {
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      var buffer = ByteBuffer.allocate(READ);
      int read;
      do {
        read = channel.read(buffer, buffer.position());
      } while (read > 0 && buffer.hasRemaining());
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }
}
