package dev.buildonce.runners;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes directories of attempts: they disappear at once, and what cannot be deleted then is tried
 * again at the next start. Links are removed, never followed.
 */
final class Trash {

  private static final Logger log = LoggerFactory.getLogger(Trash.class);
  private static final int DEEPEST = 3_000; // characters of a path; the system ends at 4,096

  private final Path folder;

  Trash(Path folder) {
    this.folder = folder;
  }

  /** Removes a directory, if it is there, with all that it holds. */
  void remove(Path directory) throws IOException {
    Path away = folder.resolve(UUID.randomUUID().toString());
    try {
      Files.move(directory, away);
    } catch (NoSuchFileException _) {
      return;
    }
    tryToDelete(away);
  }

  /** Tries again what could not be deleted before. */
  void empty() {
    try (var left = Files.newDirectoryStream(folder)) {
      left.forEach(this::tryToDelete);
    } catch (IOException e) {
      log.warn("Cannot look into {}", folder, e);
    }
  }

  private void tryToDelete(Path path) {
    var left = new ArrayDeque<Path>(List.of(path));
    while (!left.isEmpty()) {
      Path next = left.remove();
      try {
        delete(next, left);
      } catch (IOException e) {
        log.warn("Cannot delete {}; the next start tries again", next, e);
      }
    }
  }

  private void delete(Path path, Deque<Path> left) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(path);
      return;
    }
    if (!Files.isWritable(path) || !Files.isReadable(path) || !Files.isExecutable(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
    if (path.toString().length() > DEEPEST) {
      left.add(Files.move(path, folder.resolve(UUID.randomUUID().toString())));
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        delete(entry, left);
      }
    }
    Files.deleteIfExists(path);
  }
}
