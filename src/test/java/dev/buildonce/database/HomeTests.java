package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTests {

  @TempDir Path directory;

  @Test
  void openMakesDirectoriesForTheUserOnly() throws IOException {
    try (Home home = open("a/b")) {
      Path runs = home.directory("runs");

      assertThat(permissions(home.directory())).isEqualTo("rwx------");
      assertThat(permissions(runs)).isEqualTo("rwx------");
      assertThat(permissions(home.directory().resolve("id"))).isEqualTo("rw-------");
    }
  }

  @Test
  void idStaysTheSame() {
    UUID first;
    try (Home home = open("home")) {
      first = home.id();
    }

    try (Home home = open("home")) {
      assertThat(home.id()).isEqualTo(first);
    }
  }

  @Test
  void openWhenHeldIsRefusedAndLeavesTheHolderAlone() {
    try (Home _ = open("home")) {
      assertThatThrownBy(() -> open("home"))
          .isInstanceOf(StartRefused.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
      assertThatThrownBy(() -> open("home/../home")).isInstanceOf(StartRefused.class);
    }

    open("home").close();
  }

  @Test
  void openWhenHomeIsNoDirectorySaysSo() throws IOException {
    Files.writeString(directory.resolve("file"), "");

    assertThatThrownBy(() -> open("file"))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("file is no directory");
    assertThatThrownBy(() -> open("file/below")).isInstanceOf(StartRefused.class);
  }

  @Test
  void openWhenHomeCannotBeMadeSaysSo() {
    assertThatThrownBy(() -> new Home("/proc/buildonce"))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("The home /proc/buildonce cannot be used");
  }

  private Home open(String name) {
    return new Home(directory.resolve(name).toString());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
