package dev.buildonce.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says whether attempts of a build ever ran beside each other. */
final class Alone {
  private final Path files;

  Alone(Path files) {
    this.files = files;
  }

  /** Lines that take a lock which every process of the build holds as long as it lives. */
  String script() {
    return """
    exec 9> %1$s/lock
    flock -n 9 || echo $BUILD_ATTEMPT >> %1$s/overlaps
    echo $BUILD_ATTEMPT >> %1$s/starts
    """
        .formatted(files);
  }

  /** The attempts that ran, in order. */
  List<String> starts() throws IOException {
    Path starts = files.resolve("starts");
    return Files.exists(starts) ? Files.readAllLines(starts) : List.of();
  }

  /** Checks that so many ran, one after the other. */
  void check(int starts) throws IOException {
    assertThat(starts()).hasSize(starts);
    assertThat(files.resolve("overlaps")).doesNotExist();
  }
}
