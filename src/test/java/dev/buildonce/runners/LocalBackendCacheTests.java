package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that builds keep, with real processes. */
class LocalBackendCacheTests {

  private static final Duration TERM = Duration.ofSeconds(30);
  private static final Cache M2 = new Cache("local", "m2", ".cache/m2");

  @TempDir Path home;
  LocalBackend backend;

  @BeforeEach
  void open() throws IOException {
    backend = new LocalBackend(home, TERM, () -> {});
  }

  @AfterEach
  void leaveNothing() {
    backend.list().forEach(execution -> backend.end(execution.attempt()));
    backend.close();
    MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);
  }

  private static Command sh(String script, Cache... caches) {
    return new Command(List.of("sh", "-c", script), Map.of(), "key", 1, List.of(caches));
  }

  private RecordingSink start(long attempt, Command command) {
    var sink = new RecordingSink();
    backend.start(attempt, command);
    backend.attach(attempt, 0, sink);
    return sink;
  }

  private String run(long attempt, Command command) {
    var sink = start(attempt, command);
    sink.awaitEnd();
    backend.end(attempt);
    return sink.text();
  }

  private Path slot(int number) {
    return home.resolve("caches/local/m2/" + number);
  }

  private List<String> slots() throws IOException {
    try (Stream<Path> entries = Files.list(home.resolve("caches/local/m2"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> !name.contains("."))
          .sorted()
          .toList();
    }
  }

  @Test
  void cacheIsKeptBetweenAttempts() throws Exception {
    String first = run(1, sh("ls -A ~/.cache/m2; echo one > ~/.cache/m2/file", M2));
    String second = run(2, sh("cat ~/.cache/m2/file; cd ~/.cache/m2; pwd -P", M2));

    assertThat(first).isEmpty();
    assertThat(second).isEqualTo("one\n" + slot(0).toRealPath() + "\n");
    assertThat(home.resolve("runs/2")).doesNotExist();
    assertThat(slots()).containsExactly("0");
  }

  @Test
  void cachesOfOtherNamesAndPoolsAreOthers() {
    run(1, sh("echo one > ~/.cache/m2/file", M2));

    String other =
        run(2, sh("ls -A ~/a ~/b", new Cache("local", "npm", "a"), new Cache("other", "m2", "b")));

    assertThat(other).doesNotContain("file");
  }

  @Test
  void attemptsAtATimeHaveSlotsOfTheirOwnAndTheLatestTakenIsFirst() throws Exception {
    start(1, sh("echo 1 > ~/.cache/m2/by; echo up; exec sleep 60", M2)).awaitText("up");
    start(2, sh("echo 2 > ~/.cache/m2/by; echo up; exec sleep 60", M2)).awaitText("up");
    assertThat(slots()).containsExactly("0", "1");
    backend.end(1);
    backend.end(2);

    assertThat(run(3, sh("cat ~/.cache/m2/by", M2))).isEqualTo("2\n");
    start(4, sh("echo up; exec sleep 60", M2)).awaitText("up");
    assertThat(run(5, sh("cat ~/.cache/m2/by", M2))).isEqualTo("1\n");
    backend.end(4);
    assertThat(slots()).containsExactly("0", "1");
  }

  @Test
  void noSlotIsUsedByTwoHoweverManyRun() throws Exception {
    var sinks = new RecordingSink[12];
    for (int i = 0; i < sinks.length; i++) {
      sinks[i] =
          start(i + 1, sh("cd ~/.cache/m2; mkdir lock || exit 9; sleep 0.3; rmdir lock", M2));
      if (i >= 4) {
        assertThat(sinks[i - 4].awaitEnd().exitCode()).isZero();
        backend.end(i - 3);
      }
    }

    for (RecordingSink sink : sinks) {
      assertThat(sink.awaitEnd().exitCode()).isZero();
    }
    assertThat(slots()).hasSizeBetween(4, 5);
  }

  @Test
  void slotIsNotFreeWhenTheServiceWasKilled() throws Exception {
    start(1, sh("echo up; exec sleep 60", M2)).awaitText("up");

    // Another life of the service on the same home: nothing of the first one's memory is left.
    try (var next = new LocalBackend(home, TERM, () -> {})) {
      next.start(2, sh("exec sleep 60", M2));
      assertThat(slots()).containsExactly("0", "1");
      next.end(1);
      next.start(3, sh("exec sleep 60", M2));
      assertThat(slots()).containsExactly("0", "1");
      next.end(2);
      next.end(3);
    }
  }

  @Test
  void slotIsFreeWhenItsAttemptIsForgottenAfterTheSupervisorWasKilled() throws Exception {
    var sink = start(1, sh("echo up; exec sleep 60", M2));
    sink.awaitText("up");
    MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);
    assertThat(sink.awaitEnd().vanished()).isTrue();

    start(2, sh("exec sleep 60", M2));
    assertThat(slots()).containsExactly("0", "1");
    backend.end(2);
    backend.end(1);
    Set<String> seen = new HashSet<>();
    for (long attempt = 3; attempt < 5; attempt++) {
      start(attempt, sh("cd ~/.cache/m2; pwd -P; exec sleep 60", M2)).awaitText("m2");
      seen.addAll(slots());
    }
    assertThat(seen).containsExactlyInAnyOrder("0", "1");
  }

  @Test
  void attemptWhoseStartNobodyNoticedTakesItsSlotAgain() throws Exception {
    run(1, sh("echo one > ~/.cache/m2/file", M2));
    Files.createDirectories(home.resolve("runs/7"));
    Files.writeString(home.resolve("caches/local/m2/0.user"), "7\n");

    assertThat(run(7, sh("cat ~/.cache/m2/file", M2))).isEqualTo("one\n");
    assertThat(slots()).containsExactly("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rm -r ~/.cache",
        "rm ~/.cache/m2; echo file > ~/.cache/m2",
        "rm ~/.cache/m2; ln -s / ~/.cache/m2",
        "s=$(cd ~/.cache/m2; pwd -P); rm -r \"$s\"",
        "s=$(cd ~/.cache/m2; pwd -P); rm -r \"$s\"; echo file > \"$s\"",
        "s=$(cd ~/.cache/m2; pwd -P); rm -r \"$s\"; ln -s / \"$s\"",
        "s=$(cd ~/.cache/m2; pwd -P); chmod 0 \"$s\"",
        "s=$(cd ~/.cache/m2; pwd -P); : > \"$s.user\"",
      })
  void whateverABuildDoesToItsLinkOrSlotTheNextFindsADirectory(String harm) throws Exception {
    run(1, sh("mkdir ~/.cache/m2/kept", M2));
    run(2, sh(harm, M2));

    String next = run(3, sh("test -d ~/.cache/m2 && cd ~/.cache/m2 && touch x && pwd -P", M2));

    assertThat(next).isEqualTo(slot(0).toRealPath() + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(slot(0))))
        .isEqualTo("rwx------");
    assertThat(Path.of("/etc/passwd")).exists();
  }

  @Test
  void leftOversOfACrashAreNoUsers() throws Exception {
    Files.createDirectories(slot(0));
    Files.createDirectories(slot(4));
    Files.writeString(home.resolve("caches/local/m2/4.user"), "");
    Files.writeString(home.resolve("caches/local/m2/5.user.new"), "9");

    run(1, sh("true", M2));

    assertThat(slots()).containsExactly("0", "4");
  }

  @ParameterizedTest
  @CsvSource({
    "'..', m2, a",
    "local, ../m2, a",
    "local, m2, ../a",
    "local, m2, /a",
    "local, m2, a/../b",
    "local, m2, ''",
    "local, m2, ..",
    "local, m2, .",
    "a/b, m2, a",
  })
  void cacheWithAPathOutOfItsPlaceIsNone(String pool, String name, String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Cache(pool, name, path));
  }
}
