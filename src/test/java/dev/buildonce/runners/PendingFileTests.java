package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pending file in the hands of a build that means no good. */
class PendingFileTests {
  private static final int LOOKS = 20_000;

  @TempDir private Path directory;

  @Test
  void fileThatIsSwappedForAPipeHoldsNobodyUp() throws Exception {
    Path pending = directory.resolve("pending");
    Path pipe = directory.resolve("pipe");
    Path line = Files.writeString(directory.resolve("line"), "waits\n");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    PendingFile file = new PendingFile(pending);
    AtomicBoolean over = new AtomicBoolean();
    Thread swapper =
        Thread.ofPlatform()
            .start(
                () -> {
                  Path next = directory.resolve("next");
                  try {
                    while (!over.get()) {
                      for (Path other : new Path[] {line, pipe}) {
                        Files.createLink(next, other);
                        Files.move(next, pending, StandardCopyOption.ATOMIC_MOVE);
                        // Two names of one file do not take each other's place.
                        Files.deleteIfExists(next);
                      }
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });

    try {
      int changes =
          assertTimeoutPreemptively(
              Duration.ofSeconds(60),
              () -> {
                int seen = 0;
                for (int i = 0; (i < LOOKS || seen == 0) && !over.get(); i++) {
                  seen += file.hasChanged() ? 1 : 0;
                }
                return seen;
              });

      assertThat(changes).isPositive();
    } finally {
      over.set(true);
      assertThat(swapper.join(Duration.ofSeconds(30))).isTrue();
    }
  }
}
