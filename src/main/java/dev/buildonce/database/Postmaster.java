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

  private static final String FILE = "postmaster.pid";

  /** Who serves a data directory now; empty also if the file is left from a crash. */
  static Optional<Postmaster> of(Path data) throws IOException {
    try {
      return parse(Files.readAllLines(data.resolve(FILE))).filter(found -> found.serves(data));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Removes what a crash left, while nobody serves the directory: its process id may belong to
   * another program by now, and then Postgres would refuse to start.
   */
  static void forget(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(FILE));
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
