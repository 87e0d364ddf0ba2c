package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the contract document to the sources, as far as they tell. */
class ContractTests {
  /** A status and, right behind it, the name of a problem. */
  private static final Pattern PROBLEM =
      Pattern.compile("(?:HttpStatus\\.[A-Z_]+|\\(\\s*status),\\s*\"([a-z-]+)\",");

  @Test
  void problemsAreThoseOfTheSources() throws IOException {
    var thrown = new TreeSet<String>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        PROBLEM.matcher(Files.readString(file)).results().forEach(at -> thrown.add(at.group(1)));
      }
    }

    assertThat(thrown).hasSizeGreaterThan(30);
    assertThat(Contract.read().problems()).containsExactlyElementsOf(thrown);
  }

  @Test
  void examplesFitTheirSchemas() {
    assertThat(Contract.read().wrongExamples()).isEmpty();
  }
}
