package dev.buildonce.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Processes of a build that do what they can to get away: they change their session, fork twice,
 * shed their environment, ignore TERM, answer it by forking, and hop from process to process.
 */
final class Fugitives {
  private static final int AT_LEAST = 12;

  private final Path pids;
  private final Path forker;

  Fugitives(Path directory) throws IOException {
    this.pids = directory.resolve("pids");
    this.forker =
        Files.writeString(
            directory.resolve("forker"),
            """
            #!/bin/sh
            echo $$ >> "$1"
            trap '"$0" "$1" & "$0" "$1" & exit' TERM
            while :; do sleep 0.05; done
            """);
    Files.setPosixFilePermissions(forker, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Lines of a script that let them loose, and go on once all are. */
  String script() {
    return """
    echo $$ >> @pids
    @forker @pids &
    setsid @forker @pids &
    (( @forker @pids & ) & )
    env -i PATH="$PATH" setsid @forker @pids &
    sh -c 'trap "" TERM INT HUP; echo $$ >> @pids; while :; do sleep 1; done' &
    perl -e 'while (1) { exit if fork; open F, ">>", $ARGV[0]; print F "$$\\n"; close F; select undef, undef, undef, 0.02 }' @pids &
    while [ "$(wc -l < @pids)" -lt %d ]; do sleep 0.05; done
    """
        .formatted(AT_LEAST)
        .replace("((", "( (")
        .replace("@pids", pids.toString())
        .replace("@forker", forker.toString());
  }

  /** Waits until they are loose. */
  void awaitLoose() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(pids) && Files.readAllLines(pids).size() >= AT_LEAST);
  }

  /** Checks that none is left, nor any other process that carries the key of their build. */
  void assertNoneLeft(String key) throws IOException {
    assertThat(Files.readAllLines(pids)).hasSizeGreaterThanOrEqualTo(AT_LEAST);
    assertThat(carriers(key)).as("processes with BUILD_KEY=" + key).isEmpty();
    assertThat(live()).as("processes of the build").isEmpty();
  }

  /** Waits until none is left. */
  void awaitNoneLeft(String key, Duration patience) {
    await().atMost(patience).until(() -> carriers(key).isEmpty() && live().isEmpty());
  }

  private List<String> live() throws IOException {
    try (Stream<String> lines = Files.lines(pids)) {
      return lines
          .filter(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent())
          .filter(pid -> commandLine(pid).contains(pids.toString()))
          .toList();
    }
  }

  private static String commandLine(String pid) {
    return read(Path.of("/proc", pid, "cmdline"));
  }

  private static List<String> carriers(String key) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(path -> Character.isDigit(path.getFileName().toString().charAt(0)))
          .filter(
              path -> ("\0" + read(path.resolve("environ"))).contains("\0BUILD_KEY=" + key + "\0"))
          .map(path -> path.getFileName() + " " + read(path.resolve("cmdline")))
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // gone
    }
  }
}
