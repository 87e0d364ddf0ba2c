package dev.buildonce;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Finds and ends what still runs in the home of a service that is over. */
public final class HomeProcesses {

  private HomeProcesses() {}

  /**
   * The processes that work in this home, or were started with it in their command or environment.
   * Where there is no {@code /proc}, only the command can tell.
   */
  public static List<ProcessHandle> of(Path home) {
    var self = ProcessHandle.current();
    return ProcessHandle.allProcesses()
        .filter(process -> !process.equals(self) && process.isAlive())
        .filter(process -> belongsTo(process, home.toString()))
        .toList();
  }

  static void endAll(Path home) {
    try {
      // What is ended may have started another process a moment before: until none is left.
      Awaitility.await()
          .atMost(Duration.ofSeconds(15))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                var left = of(home);
                left.forEach(ProcessHandle::destroyForcibly);
                return left.isEmpty();
              });
    } catch (ConditionTimeoutException e) {
      System.err.println("Still running in " + home + ": " + of(home));
    }
  }

  static void delete(Path home) {
    try {
      Files.walkFileTree(
          home,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.err.println("Not removed: " + home + ": " + e);
    }
  }

  private static boolean belongsTo(ProcessHandle process, String home) {
    var proc = Path.of("/proc", Long.toString(process.pid()));
    if (!Files.isDirectory(proc)) {
      return process.info().commandLine().filter(line -> names(line, home)).isPresent();
    }
    return names(read(proc.resolve("cmdline")), home)
        || names(read(proc.resolve("environ")), home)
        || names(link(proc.resolve("cwd")), home);
  }

  private static boolean names(String text, String home) {
    for (int at = text.indexOf(home); at >= 0; at = text.indexOf(home, at + 1)) {
      int after = at + home.length();
      if (after == text.length() || !Character.isLetterOrDigit(text.charAt(after))) {
        return true;
      }
    }
    return false;
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // gone, or not ours
    }
  }

  private static String link(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException _) {
      return "";
    }
  }
}
