package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What every back end promises to who attaches to it. */
interface RunnerBackendContract {

  AtomicLong ATTEMPTS = new AtomicLong(1_000);

  RunnerBackend backend();

  default long attempt() {
    return ATTEMPTS.incrementAndGet();
  }

  static Command sh(String script) {
    return command(List.of("sh", "-c", script));
  }

  static Command command(List<String> arguments) {
    return new Command(arguments, Map.of("PARAM_X", "x y"), "web/4f2a", 7);
  }

  /** Starts and attaches from the first byte on. */
  default RecordingSink run(long attempt, Command command) {
    var sink = new RecordingSink();
    backend().start(attempt, command);
    backend().attach(attempt, 0, sink);
    return sink;
  }

  default RecordingSink run(String script) {
    return run(attempt(), sh(script));
  }

  /** Has let go of it when this returns, which the end alone does not tell. */
  private void runToItsEnd(long attempt, Command command) {
    var sink = new RecordingSink();
    backend().start(attempt, command);
    var attachment = backend().attach(attempt, 0, sink);
    sink.awaitEnd();
    attachment.close();
  }

  @Test
  default void attachStreamsBytesAndThenTheEndOnce() {
    var sink = run("echo out; echo err >&2; printf tail");

    var end = sink.awaitEnd();

    assertThat(sink.text()).isEqualTo("out\nerr\ntail");
    assertThat(end).isEqualTo(new End(0, null, 12, End.Cause.ITSELF));
    assertThat(end.vanished()).isFalse();
    assertThat(sink.ends()).hasSize(1);
  }

  @Test
  default void attachGivesBytesAsTheyWereWritten() {
    String octal = "";
    for (int i = 0; i < 256; i++) {
      octal += "\\%03o".formatted(i);
    }

    var sink = run("printf '" + octal + "'; printf '\\r\\n\\303'; printf '\\244'");

    sink.awaitEnd();
    byte[] expected = new byte[260];
    for (int i = 0; i < 256; i++) {
      expected[i] = (byte) i;
    }
    expected[256] = '\r';
    expected[257] = '\n';
    expected[258] = (byte) 0303;
    expected[259] = (byte) 0244;
    assertThat(sink.content()).isEqualTo(expected);
  }

  @Test
  default void attachWhenBuildWritesWithoutNewlineGivesItWhileItRuns() {
    long attempt = attempt();
    var sink = run(attempt, sh("printf 'no newline'; exec sleep 60"));

    sink.awaitText("no newline");

    assertThat(sink.ends()).isEmpty();
    backend().end(attempt);
  }

  @Test
  default void attachAtOffsetGivesTheRest() {
    long attempt = attempt();
    runToItsEnd(attempt, sh("printf 0123456789"));
    var sink = new RecordingSink();

    backend().attach(attempt, 6, sink);

    assertThat(sink.awaitEnd().sourceBytes()).isEqualTo(10);
    assertThat(sink.text()).isEqualTo("6789");
  }

  @Test
  default void attachWhenClosedLeavesTheBuildAlone() {
    long attempt = attempt();
    var first = new RecordingSink();
    backend().start(attempt, sh("echo one; while [ ! -e go ]; do sleep 0.05; done; echo two"));
    var attachment = backend().attach(attempt, 0, first);
    first.awaitText("one\n");

    attachment.close();

    var second = new RecordingSink();
    backend().attach(attempt, 4, second).stored(4);
    assertThat(backend().list()).contains(new Execution(attempt, true));
    backend().stop(attempt, Duration.ZERO);
    assertThat(second.awaitEnd().sourceBytes()).isEqualTo(4);
    assertThat(first.ends()).isEmpty();
  }

  @Test
  default void attachWhenNothingIsKnownOfTheAttemptTellsThatItVanished() {
    var sink = new RecordingSink();

    backend().attach(attempt(), 17, sink);

    assertThat(sink.awaitEnd()).isEqualTo(new End(null, null, 17, End.Cause.VANISHED));
    assertThat(sink.content()).isEmpty();
  }

  @Test
  default void attachWhenTheSinkThrowsDetaches() {
    long attempt = attempt();
    var failing =
        new RecordingSink() {
          @Override
          public void bytes(ByteBuffer data) {
            throw new IllegalStateException("on purpose");
          }
        };
    backend().start(attempt, sh("echo all"));
    backend().attach(attempt, 0, failing);
    var sink = new RecordingSink();

    await()
        .ignoreException(IllegalStateException.class)
        .until(() -> backend().attach(attempt, 0, sink) != null);

    sink.awaitEnd();
    assertThat(sink.text()).isEqualTo("all\n");
    assertThat(failing.ends()).isEmpty();
  }

  @Test
  default void startWhenRepeatedStartsOnce() {
    long attempt = attempt();
    backend().start(attempt, sh("echo once; exec sleep 60"));

    backend().start(attempt, sh("echo twice"));

    var sink = new RecordingSink();
    backend().attach(attempt, 0, sink);
    sink.awaitText("once\n");
    backend().stop(attempt, Duration.ZERO);
    sink.awaitEnd();
    backend().start(attempt, sh("echo thrice"));
    assertThat(backend().list()).contains(new Execution(attempt, false));
    assertThat(sink.text()).isEqualTo("once\n");
  }

  @Test
  default void startWhenTheProgramIsMissingSaysSo() {
    long attempt = attempt();

    assertThatExceptionOfType(StartFailed.class)
        .isThrownBy(() -> backend().start(attempt, command(List.of("no-such-program", "x"))))
        .withMessage("no-such-program: not found");
    assertThatExceptionOfType(StartFailed.class)
        .isThrownBy(() -> backend().start(attempt, command(List.of("/etc/passwd"))))
        .withMessage("/etc/passwd: cannot execute: permission denied");

    assertThat(backend().list()).extracting(Execution::attempt).doesNotContain(attempt);
    run(attempt, sh("echo after all")).awaitText("after all");
  }

  @Test
  default void startPassesLargeArgumentsOnAndRefusesTooLargeOnes() {
    String large = "ü".repeat(50 << 10);
    String tooLarge = "x".repeat(128 << 10);
    List<String> many = new ArrayList<>(List.of("sh", "-c", "exit 0"));
    many.addAll(Collections.nCopies(25, "x".repeat(100 << 10)));

    var sink = run(attempt(), command(List.of("sh", "-c", "printf %s \"$1\"", "sh", large)));

    sink.awaitEnd();
    assertThat(sink.text()).isEqualTo(large);
    assertThatExceptionOfType(StartFailed.class)
        .isThrownBy(() -> backend().start(attempt(), command(List.of("echo", tooLarge))))
        .withMessageContaining("argument 1 has 131072 bytes");
    assertThatExceptionOfType(StartFailed.class)
        .isThrownBy(() -> backend().start(attempt(), command(many)))
        .withMessageContaining("bytes together");
  }

  @Test
  default void startWhenArgumentHoldsNulRefuses() {
    assertThatExceptionOfType(StartFailed.class)
        .isThrownBy(() -> backend().start(attempt(), command(List.of("echo", "a\0b"))))
        .withMessageContaining("argument 1 has a NUL");
  }

  @Test
  default void startGivesExactlyTheDocumentedEnvironment() {
    var sink = run(attempt(), command(List.of("env")));

    sink.awaitEnd();

    Map<String, String> environment =
        sink.text()
            .lines()
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(p -> p[0], p -> p[1], (a, _) -> a, TreeMap::new));
    assertThat(environment.keySet())
        .containsExactlyInAnyOrder(
            "PATH",
            "HOME",
            "LANG",
            "TMPDIR",
            "PARAM_X",
            "BUILD_KEY",
            "BUILD_ATTEMPT",
            "BUILD_VALUE",
            "BUILD_PENDING");
    assertThat(environment)
        .containsEntry("PARAM_X", "x y")
        .containsEntry("BUILD_KEY", "web/4f2a")
        .containsEntry("BUILD_ATTEMPT", "7")
        .containsEntry("LANG", "C.UTF-8");
    assertThat(environment.values().stream().filter(value -> value.contains("4f2a"))).hasSize(1);
  }

  @Test
  default void startWhenTheBuilderNamesPathAndLangKeepsThem() {
    var environment = Map.of("PATH", "/bin:/usr/bin", "LANG", "de_DE.UTF-8", "BUILD_KEY", "forged");

    var sink =
        run(
            attempt(),
            new Command(List.of("sh", "-c", "echo $PATH $LANG $BUILD_KEY"), environment, "web", 1));

    sink.awaitEnd();
    assertThat(sink.text()).isEqualTo("/bin:/usr/bin de_DE.UTF-8 web\n");
  }

  @Test
  default void startGivesFreshDirectoriesOfItsOwn() {
    var sink =
        run(
            "ls -A . \"$HOME\" \"$TMPDIR\" | grep -v :; for d in . \"$HOME\" \"$TMPDIR\";"
                + " do touch $d/x && stat -c %a $d; done");

    assertThat(sink.awaitEnd().exitCode()).isZero();
    assertThat(sink.text().strip()).isEqualTo("700\n700\n700");
  }

  @Test
  default void startGivesNothingToReadAndNoOtherFiles() {
    var sink = run("cat; ls -l /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status");

    sink.awaitEnd();

    // the first line of ls, descriptors 0 to 2, and the directory that it reads; the C library has
    // two signals above 31 ignored for itself
    assertThat(sink.text()).matches("5\nSigBlk:\t0{16}\nSigIgn:\t0{7}[0-9a-f][08]0{7}\n");
  }

  @Test
  default void endNamesExitCodeOrSignalOfTheFirstProcess() {
    assertThat(run("exit 7").awaitEnd()).isEqualTo(new End(7, null, 0, End.Cause.ITSELF));
    assertThat(run("exit 255").awaitEnd().exitCode()).isEqualTo(255);
    assertThat(run("kill -SEGV $$").awaitEnd()).isEqualTo(new End(null, 11, 0, End.Cause.ITSELF));
    assertThat(run("kill -KILL $$").awaitEnd()).isEqualTo(new End(null, 9, 0, End.Cause.ITSELF));
    assertThat(run("(exit 3) & wait; exit 4").awaitEnd().exitCode()).isEqualTo(4);
  }

  @Test
  default void stopGivesTheGraceToTidyUp() {
    long attempt = attempt();
    var sink =
        run(attempt, sh("trap 'echo tidied; exit 3' TERM; echo up; while :; do sleep 0.02; done"));
    sink.awaitText("up");

    backend().stop(attempt, Duration.ofSeconds(20));

    var end = sink.awaitEnd();
    assertThat(end.exitCode()).isEqualTo(3);
    assertThat(end.cause()).isEqualTo(End.Cause.STOPPED);
    assertThat(sink.text()).startsWith("up\n").endsWith("tidied\n");
  }

  @Test
  default void stopWhenTheGraceIsOverKills() {
    long attempt = attempt();
    var sink = run(attempt, sh("trap '' TERM; echo up; while :; do sleep 1; done"));
    sink.awaitText("up");

    backend().stop(attempt, Duration.ofMinutes(5));
    backend().stop(attempt, Duration.ofMillis(300));
    backend().stop(attempt, Duration.ofMinutes(5));

    assertThat(sink.awaitEnd()).isEqualTo(new End(null, 9, 3, End.Cause.STOPPED));
  }

  @Test
  default void stopWithoutGraceKillsAtOnce() {
    long attempt = attempt();
    var sink = run(attempt, sh("trap 'echo tidied' TERM; echo up; while :; do sleep 1; done"));
    sink.awaitText("up");

    backend().stop(attempt, Duration.ZERO);

    assertThat(sink.awaitEnd().signal()).isEqualTo(9);
    assertThat(sink.text()).isEqualTo("up\n");
  }

  @Test
  default void stopWhenItHasEndedChangesNothing() {
    long attempt = attempt();
    runToItsEnd(attempt, sh("exit 5"));

    backend().stop(attempt, Duration.ZERO);
    backend().stop(attempt(), Duration.ZERO);

    var sink = new RecordingSink();
    backend().attach(attempt, 0, sink);
    assertThat(sink.awaitEnd()).isEqualTo(new End(5, null, 0, End.Cause.ITSELF));
  }

  @Test
  default void valueIsWhatTheBuildLeft() {
    assertThat(valueAfter("printf '{\"v\": 1}' > \"$BUILD_VALUE\""))
        .isInstanceOfSatisfying(
            Value.Json.class,
            json ->
                assertThat(new String(json.bytes(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"v\": 1}"));
    assertThat(valueAfter("true")).isEqualTo(new Value.None());
    assertThat(valueAfter("head -c 1048576 /dev/zero > \"$BUILD_VALUE\""))
        .isInstanceOf(Value.Json.class);
    assertThat(valueAfter("head -c 1048577 /dev/zero > \"$BUILD_VALUE\""))
        .isEqualTo(new Value.Bad("has 1048577 bytes, more than 1048576"));
    assertThat(valueAfter("ln -s /etc/passwd \"$BUILD_VALUE\""))
        .isEqualTo(new Value.Bad("is a link, not a file"));
    assertThat(valueAfter("mkdir \"$BUILD_VALUE\""))
        .isEqualTo(new Value.Bad("is a directory, not a file"));
    assertThat(valueAfter("mkfifo \"$BUILD_VALUE\""))
        .isEqualTo(new Value.Bad("is no regular file"));
  }

  private Value valueAfter(String script) {
    long attempt = attempt();
    var end = run(attempt, sh(script)).awaitEnd();
    assertThat(end.exitCode()).isZero();
    return backend().value(attempt);
  }

  @Test
  default void pendingLineIsNoticed() {
    long attempt = attempt();
    var sink =
        run(
            attempt,
            sh(
                "echo up; printf '  waits\\tfor\\033 a licence \\nmore' > \"$BUILD_PENDING\";"
                    + " exec sleep 60"));
    sink.awaitText("up");

    await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> sink.pendingLines().equals(List.of(Optional.of("waits for  a licence"))));

    backend().end(attempt);
  }

  @Test
  default void pendingLineIsCutAndGoesWithItsFile() {
    long attempt = attempt();
    var sink =
        run(
            attempt,
            sh(
                "trap 'rm \"$BUILD_PENDING\"; mkfifo \"$BUILD_PENDING\"' TERM;"
                    + " head -c 9000 /dev/zero | tr '\\0' x > \"$BUILD_PENDING\";"
                    + " while :; do sleep 0.05; done"));
    var cut = Optional.of("x".repeat(200));
    await().until(() -> sink.pendingLines().equals(List.of(cut)));

    backend().stop(attempt, Duration.ofMinutes(5));

    await().until(() -> sink.pendingLines().equals(List.of(cut, Optional.empty())));
    backend().end(attempt);
  }

  @Test
  default void listTellsWhatRunsAndWhatHasEndedUntilItIsForgotten() {
    long running = attempt();
    long ended = attempt();
    run(running, sh("exec sleep 60"));
    run(ended, sh("true")).awaitEnd();

    assertThat(backend().list())
        .contains(new Execution(running, true), new Execution(ended, false));

    backend().end(running);
    backend().end(ended);
    backend().end(ended);
    assertThat(backend().list()).extracting(Execution::attempt).doesNotContain(running, ended);
  }

  @Test
  default void slowSinkHoldsTheBuildBackAndLosesNothing() {
    long attempt = attempt();
    var gate = new CountDownLatch(1);
    var count = new AtomicLong();
    var sum = new CRC32();
    var attachment = new CompletableFuture<Attachment>();
    var sink =
        new RecordingSink() {
          @Override
          public void bytes(ByteBuffer data) throws InterruptedException {
            gate.await();
            int size = data.remaining();
            sum.update(data);
            attachment.join().stored(count.addAndGet(size));
          }
        };
    backend()
        .start(
            attempt,
            sh(
                "echo up > \"$BUILD_PENDING\"; yes 0123456789abcde | head -c 200000000; rm \"$BUILD_PENDING\"; sleep 1"));
    attachment.complete(backend().attach(attempt, 0, sink));
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(10))
        .until(() -> sink.pendingLines().equals(List.of(Optional.of("up"))));

    gate.countDown();

    assertThat(sink.awaitEnd().sourceBytes()).isEqualTo(200_000_000);
    byte[] line = "0123456789abcde\n".getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[200_000_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = line[i % 16];
    }
    var expected = new CRC32();
    expected.update(all);
    assertThat(count).hasValue(200_000_000);
    assertThat(sum.getValue()).isEqualTo(expected.getValue());
  }
}
