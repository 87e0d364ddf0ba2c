package dev.buildonce.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The server process that a data directory's {@code postmaster.pid} speaks of, if it is alive.
 *
 * @param port where it listens
 */
record Postmaster(ProcessHandle process, int port) {

  /**
   * Reads who serves a data directory now. A file that a crash left behind is deleted, also if its
   * process id belongs to another program by now: Postgres would refuse to start.
   */
  static Optional<Postmaster> of(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Optional<Postmaster> alive = parse(lines).filter(found -> found.serves(data));
    if (alive.isEmpty()) {
      Files.deleteIfExists(file);
    }
    return alive;
  }

  private static Optional<Postmaster> parse(List<String> lines) {
    if (lines.size() < 4) {
      return Optional.empty();
    }
    try {
      int port = Integer.parseInt(lines.get(3).strip());
      return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
          .filter(ProcessHandle::isAlive)
          .map(process -> new Postmaster(process, port));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private boolean serves(Path data) {
    return process.info().commandLine().filter(line -> line.contains(data.toString())).isPresent();
  }
}
