package dev.buildonce.database;

import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class BinariesTests {

  @TempDir private Path directory;

  private interface Damage {
    void to(Path program) throws IOException;
  }

  /** The server's own program. */
  static Path program(Path binaries) throws IOException {
    try (var found = Files.walk(binaries, 3)) {
      return found.filter(path -> path.endsWith("bin/postgres")).findAny().orElseThrow();
    }
  }

  @Test
  void whatIsDamagedIsDiscarded() throws IOException {
    assertDiscarded(program -> Files.setPosixFilePermissions(program, Set.of(OWNER_READ)));
    assertDiscarded(
        program -> {
          Files.delete(program);
          Files.createDirectory(program); // cannot be read
        });
  }

  private void assertDiscarded(Damage damage) throws IOException {
    var binaries = new Binaries(directory);
    unpack(binaries);
    damage.to(program(directory));

    binaries.discardDamaged();

    assertThat(directory).isEmptyDirectory();
  }

  private static void unpack(Binaries binaries) throws IOException {
    binaries.getPgBinary("Linux", System.getProperty("os.arch")).close();
  }
}
