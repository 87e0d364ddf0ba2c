package dev.buildonce.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is on disk of one build: its record, written before it starts, its spool, and its end. */
final class Folder {

  private static final String RECORD = "record";
  private static final String END = "end";
  private static final int BLOCK = 4096; // bytes

  private final Path path;

  Folder(Path path) {
    this.path = path;
  }

  /** What a later supervisor needs to find the processes of the build. */
  record Entry(long mark, String sign) {}

  Path path() {
    return path;
  }

  void create(Entry entry) throws IOException {
    Files.createDirectories(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // Room for the end and for the last words, should the build fill the disk.
    Files.write(path.resolve(END + ".new"), new byte[BLOCK]);
    Files.write(path.resolve(Spool.RESERVE), new byte[Pump.PIPE_CAPACITY]);
    Files.writeString(path.resolve(RECORD), entry.mark() + "\n" + entry.sign() + "\n");
  }

  /** The record, or null when there is no whole one: then the build was not started. */
  @Nullable Entry entry() throws IOException {
    try {
      String[] lines = Files.readString(path.resolve(RECORD)).split("\n", -1);
      return lines.length == 3 ? new Entry(Long.parseLong(lines[0]), lines[1]) : null;
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  @Nullable Ending end() throws IOException {
    try {
      return Ending.parse(Files.readString(path.resolve(END)));
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  /** Writes the end, whole or not at all, even if the machine crashes, into room it has already. */
  void end(Ending ending) throws IOException {
    Path draft = path.resolve(END + ".new");
    try (var file = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap((ending.format() + "\n").getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.truncate(bytes.limit());
      file.force(true);
    }
    Files.move(
        draft,
        path.resolve(END),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes all of it, the record last: what it names is gone. */
  void delete() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> files;
    try (var entries = Files.list(path)) {
      files = entries.filter(file -> !file.endsWith(RECORD)).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(path.resolve(RECORD));
    Files.deleteIfExists(path);
  }
}
