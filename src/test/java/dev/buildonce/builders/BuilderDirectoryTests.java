package dev.buildonce.builders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuilderDirectoryTests {

  private static final Builder SHIPPED = Builder.parse("shell", "command: [shipped]");

  @TempDir Path directory;

  @Test
  void startWhenDirectoryIsMissingHasTheShippedBuilder() {
    Builders builders = open(directory.resolve("none")).builders();

    assertThat(builders.all()).containsExactly(SHIPPED);
    assertThat(builders.problems()).isEmpty();
  }

  @Test
  void startReadsAllFilesAtOnce() throws IOException {
    write("make.yaml", "command: [make]");
    write("shell.yaml", "command: [mine]");
    write("notes.txt", "not: mine");
    write(".hidden.yaml", "x");

    Builders builders = open(directory).builders();

    assertThat(builders.all()).extracting(Builder::name).containsExactly("make", "shell");
    assertThat(command(builders, "shell")).isEqualTo("[mine]");
    assertThat(builders.problems()).isEmpty();
  }

  @Test
  void refreshWhenFileChangesReadsItOnceItIsQuiet() throws IOException {
    write("make.yaml", "command: [one]");
    BuilderDirectory files = open(directory);

    write("make.yaml", "command: [three]");
    files.refresh();
    String atOnce = command(files.builders(), "make");
    files.refresh();

    assertThat(atOnce).isEqualTo("[one]");
    assertThat(command(files.builders(), "make")).isEqualTo("[three]");
  }

  @Test
  void refreshWhenFileTurnsBadKeepsTheOlderOneAndSaysSo() throws IOException {
    write("make.yaml", "command: [one]");
    BuilderDirectory files = open(directory);

    write("make.yaml", "comand: [wrong]");
    refreshTwice(files);

    assertThat(command(files.builders(), "make")).isEqualTo("[one]");
    assertThat(files.builders().problems().get("make.yaml"))
        .contains("comand", "the older one stays");

    write("make.yaml", "command: [mended]");
    refreshTwice(files);

    assertThat(command(files.builders(), "make")).isEqualTo("[mended]");
    assertThat(files.builders().problems()).isEmpty();
  }

  @Test
  void refreshWhenFileGoesRemovesOrRestores() throws IOException {
    write("make.yaml", "command: [make]");
    write("shell.yaml", "command: [mine]");
    BuilderDirectory files = open(directory);

    Files.delete(directory.resolve("make.yaml"));
    Files.delete(directory.resolve("shell.yaml"));
    refreshTwice(files);

    assertThat(files.builders().all()).containsExactly(SHIPPED);
  }

  @Test
  void startWhenReplacementOfShippedIsBadHasNeither() throws IOException {
    write("shell.yaml", "nonsense");

    Builders builders = open(directory).builders();

    assertThat(builders.find("shell")).isEmpty();
    assertThat(builders.problems()).containsOnlyKeys("shell.yaml");
  }

  @Test
  void startNamesFilesItCannotUse() throws IOException {
    write("Upper.yaml", "command: [x]");
    write("other.yml", "command: [x]");
    Files.write(directory.resolve("latin.yaml"), new byte[] {(byte) 0xe9});
    write("huge.yaml", "#".repeat(1_100_000));
    Files.createDirectory(directory.resolve("folder.yaml"));
    Files.createSymbolicLink(directory.resolve("dangling.yaml"), directory.resolve("nothing"));

    Builders builders = open(directory).builders();

    assertThat(builders.all()).containsExactly(SHIPPED);
    assertThat(builders.problems())
        .containsOnlyKeys(
            "Upper.yaml", "other.yml", "latin.yaml", "huge.yaml", "folder.yaml", "dangling.yaml");
  }

  @Test
  void refreshWhenLinkIsTurnedReadsTheNewTarget() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "command: [one]");
    Path two = Files.writeString(directory.resolve("two"), "command: [two]");
    Files.setLastModifiedTime(two, Files.getLastModifiedTime(one));
    Path link = Files.createSymbolicLink(directory.resolve("make.yaml"), one);
    BuilderDirectory files = open(directory);

    Files.delete(link);
    Files.createSymbolicLink(link, two);
    refreshTwice(files);

    assertThat(command(files.builders(), "make")).isEqualTo("[two]");
  }

  private static BuilderDirectory open(Path directory) {
    return new BuilderDirectory(directory, Map.of("shell", SHIPPED), new Builders("shell"));
  }

  private static void refreshTwice(BuilderDirectory files) {
    files.refresh();
    files.refresh();
  }

  private static String command(Builders builders, String name) {
    return builders.find(name).orElseThrow().command().toString();
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }
}
