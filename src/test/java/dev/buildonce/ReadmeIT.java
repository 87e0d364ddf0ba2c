package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's shell blocks, run as they are written, one after the other in one folder. */
class ReadmeIT {
  /** Blocks that start the service or want it stopped; others run them, ComposeIT and BackupIT. */
  private static final Pattern STARTS =
      Pattern.compile("mvnw|java -jar|docker compose|~/\\.buildonce");

  private static ServiceProcess service;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void everyBlockSucceeds() throws Exception {
    shell("git init -q . && git config user.email a@b.c && git config user.name n");
    Files.writeString(folder.resolve("Makefile"), "test:\n\ttrue\n");
    shell("git add -A && git commit -qm first");
    List<String> blocks = blocks();

    assertThat(blocks).hasSizeGreaterThan(7);
    for (String block : blocks) {
      Ended ended = shell(block.replace("http://127.0.0.1:8080", service.url()));
      assertThat(ended.exit).as("%s\n%s", block, ended.output).isZero();
      assertThat(ended.output)
          .as(block)
          .doesNotContain("\"type\":\"/problems/", "command not found");
    }
  }

  @Test
  void rebuiltKeyIsBuiltAnew() throws Exception {
    String url = service.url();
    shell("curl -s '" + url + "/builds/flaky?wait=60' -d 'script=date +%25s%25N; exit 1'");

    Ended flagged = shell("curl -s " + url + "/rebuild -d key=flaky -d why='flaky network'");
    Ended again = shell("curl -si '" + url + "/builds/flaky?wait=60' -X POST");

    assertThat(flagged.output).contains("\"result\":\"flagged\"");
    assertThat(again.output)
        .containsIgnoringCase("Cache-Status: buildonce; fwd=stale; detail=rebuild")
        .contains("\"number\":2");
  }

  private static List<String> blocks() throws IOException {
    return ReadmeBlocks.all().stream().filter(text -> !STARTS.matcher(text).find()).toList();
  }

  private record Ended(int exit, String output) {}

  private Ended shell(String script) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder.getParent(), "shell", ".out");
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-eu", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    shell.environment().putIfAbsent("USER", "someone");
    Process process = shell.start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as(script).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    Files.delete(output);
    return new Ended(process.exitValue(), text);
  }
}
