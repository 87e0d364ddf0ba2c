package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBackendCrashTests {

  private static final Duration TERM = Duration.ofSeconds(30);

  @TempDir Path home;
  private final String span = MachineProcesses.ownSpan();

  @AfterEach
  void leaveNothing() {
    MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);
    MachineProcesses.with(home, "none")
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  private static Command sh(String script) {
    return new Command(List.of("sh", "-c", script), Map.of(), "key", 1);
  }

  private void awaitNoSupervisor() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> MachineProcesses.supervisorsOf(home).isEmpty());
  }

  @Test
  void attachAfterTheServiceWasKilledGivesEachByteOnce() throws Exception {
    var before = new ByteArrayOutputStream();
    before.writeBytes(
        ServiceStandIn.killAfter(
            1_000, home, TERM, "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; exit 4"));

    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      assertThat(backend.list()).extracting(Execution::attempt).containsExactly(1L);
      var sink = new RecordingSink();
      backend.attach(1, before.size(), sink);

      assertThat(sink.awaitEnd().exitCode()).isEqualTo(4);
      before.writeBytes(sink.content());
      assertThat(before)
          .hasToString(
              IntStream.range(0, 3_000).mapToObj(i -> i + "\n").collect(Collectors.joining()));
      backend.end(1);
    }
    awaitNoSupervisor();
  }

  @Test
  void buildRunsOnWhileTheServiceIsAwayForLessThanATerm() throws Exception {
    ServiceStandIn.killAfter(
        3, home, TERM, "echo up; while [ ! -e go ]; do sleep 0.02; done; echo went on");

    Files.createFile(home.resolve("runs/1/work/go"));
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(home.resolve("spools/1/end")));

    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.attach(1, 3, sink);
      assertThat(sink.awaitEnd()).isEqualTo(new End(0, null, 11, End.Cause.ITSELF));
      assertThat(sink.text()).isEqualTo("went on\n");
      backend.end(1);
    }
  }

  @Test
  void supervisorEndsWhatNoServiceClaimsForATermAndGoes() throws Exception {
    ServiceStandIn.killAfter(
        3,
        home,
        Duration.ofSeconds(1),
        "setsid -f sleep %1$s >&-; echo up; sleep %1$s".formatted(span));

    awaitNoSupervisor();

    assertThat(MachineProcesses.with(home, MachineProcesses.markOf(home, 1))).isEmpty();
    assertThat(MachineProcesses.sleeping(span)).isEmpty();
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      assertThat(backend.list()).containsExactly(new Execution(1, false));
      var sink = new RecordingSink();
      backend.attach(1, 1, sink);
      assertThat(sink.awaitEnd()).isEqualTo(new End(null, 9, 3, End.Cause.UNCLAIMED));
      assertThat(sink.text()).isEqualTo("p\n");
      backend.end(1);
    }
  }

  @Test
  void heartbeatKeepsASilentBuildForMoreThanATerm() throws Exception {
    try (var backend = new LocalBackend(home, Duration.ofSeconds(3), () -> {})) {
      backend.start(1, sh("exec sleep 60"));

      await()
          .during(Duration.ofSeconds(4))
          .atMost(Duration.ofSeconds(20))
          .until(() -> backend.list().equals(List.of(new Execution(1, true))));

      backend.end(1);
    }
  }

  @Test
  void suspendedSupervisorDoesNotHoldItsOwnSilenceAgainstTheService() throws Exception {
    try (var backend = new LocalBackend(home, Duration.ofSeconds(3), () -> {})) {
      backend.start(1, sh("exec sleep 60"));
      long supervisor = MachineProcesses.supervisorsOf(home).getFirst().pid();
      signal("STOP", supervisor);
      await().pollDelay(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(30)).until(() -> true);

      signal("CONT", supervisor);

      await()
          .during(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(10))
          .until(() -> backend.list().equals(List.of(new Execution(1, true))));
      backend.end(1);
    }
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  @Test
  void buildsVanishWhenTheSupervisorIsKilledAndNothingOfThemIsLeft() throws Exception {
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.start(
          1,
          sh(
              "env -i setsid -f sleep %1$s >&-; trap '' TERM HUP PIPE; echo up; sleep %1$s"
                  .formatted(span)));
      var attachment = backend.attach(1, 0, sink);
      sink.awaitText("up");
      String mark = MachineProcesses.markOf(home, 1);

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);

      assertThat(sink.awaitEnd()).isEqualTo(new End(null, null, 3, End.Cause.VANISHED));
      assertThat(MachineProcesses.with(home, mark)).isEmpty();
      assertThat(MachineProcesses.sleeping(span)).isEmpty();
      assertThat(backend.list()).containsExactly(new Execution(1, false));
      backend.end(1);
      attachment.close();
      var next = new RecordingSink();
      backend.start(1, sh("echo again"));
      backend.attach(1, 0, next);
      assertThat(next.awaitEnd().exitCode()).isZero();
      backend.end(1);
    }
  }

  @Test
  void endThatWasWrittenStandsWhenTheSupervisorIsKilled() throws Exception {
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.start(1, sh("printf 0123456789; exit 9"));
      var attachment = backend.attach(1, 0, sink);
      sink.awaitEnd();
      attachment.close();

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);

      var again = new RecordingSink();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreException(BackendUnavailable.class)
          .until(() -> attached(backend, again));
      assertThat(again.awaitEnd()).isEqualTo(new End(9, null, 10, End.Cause.ITSELF));
      assertThat(again.text()).isEqualTo("456789");
      backend.end(1);
    }
  }

  private static boolean attached(LocalBackend backend, Sink sink) {
    backend.attach(1, 4, sink);
    return true;
  }

  @Test
  void supervisorThatIsAskedToEndEndsItsBuilds() throws Exception {
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.start(1, sh("echo up; sleep " + span));
      backend.attach(1, 0, sink);
      sink.awaitText("up");

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroy);

      assertThat(sink.awaitEnd().vanished()).isTrue();
      assertThat(MachineProcesses.sleeping(span)).isEmpty();
      backend.end(1);
    }
  }

  @Test
  void closeEndsTheSupervisorUnlessABuildRuns() throws Exception {
    var idle = new LocalBackend(home, TERM, () -> {});
    idle.list();
    assertThat(MachineProcesses.supervisorsOf(home)).hasSize(1);

    idle.close();

    awaitNoSupervisor();
    var busy = new LocalBackend(home, TERM, () -> {});
    busy.start(1, sh("exec sleep 60"));
    busy.close();
    try (var next = new LocalBackend(home, TERM, () -> {})) {
      assertThat(next.list()).containsExactly(new Execution(1, true));
      next.end(1);
    }
  }

  @Test
  void supervisorWithOtherCodeIsUsedWhileItHasBuildsAndThenReplaced() throws Exception {
    var files = SupervisorHome.create(home);
    Path code = files.supervisor().resolve(SupervisorCode.ours().name());
    var other = new SupervisorCode("0123456789abcdef", SupervisorCode.ours().classes());
    Path otherCode = other.copyTo(files.supervisor());
    var supervisor = startOther(otherCode, other.name());
    // The file is there before anybody listens.
    var channel =
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptionsInstanceOf(IOException.class)
            .until(
                () -> SocketChannel.open(UnixDomainSocketAddress.of(files.socket())),
                SocketChannel::isConnected);
    try (var link = new SupervisorLink(channel, _ -> {})) {
      files.workplace(1).create();
      link.ask(new StartRequest(1, files.workplace(1), sh("echo up; exec sleep 60")).line());
      link.ask(new StartRequest(2, files.workplace(1), sh("exec sleep 60")).line());
    }

    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.attach(1, 0, sink);
      sink.awaitText("up");
      assertThat(supervisor.isAlive()).isTrue();
      assertThat(code).doesNotExist();
      backend.end(1);
      backend.end(2);
    }
    assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(supervisor.exitValue()).isZero();

    supervisor = startOther(otherCode, other.name());
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(files.socket()));
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      assertThat(backend.list()).isEmpty();
      assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(supervisor.exitValue()).isZero();
      assertThat(code).isDirectory();
      assertThat(otherCode).doesNotExist();
    }
  }

  private Process startOther(Path code, String name) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            code.toString(),
            "dev.buildonce.supervisor.Main",
            home.toString(),
            home.resolve("supervisor/socket").toString(),
            "30000",
            name)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void homeWithALongPathWorksAsWell() throws Exception {
    Path deep = Files.createDirectories(home.resolve("d".repeat(100)).resolve("ü".repeat(60)));
    try (var backend = new LocalBackend(deep, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.start(1, sh("pwd; echo up > \"$BUILD_VALUE\""));
      backend.attach(1, 0, sink);

      assertThat(sink.awaitEnd().exitCode()).isZero();
      assertThat(sink.text()).isEqualTo(deep.toRealPath().resolve("runs/1/work") + "\n");
      assertThat(backend.value(1)).isInstanceOf(Value.Json.class);
      backend.end(1);
    }
    awaitNoSupervisor();
  }

  @Test
  void directoryThatAStartLeftHalfMadeIsReplaced() throws Exception {
    Files.createDirectories(home.resolve("runs/1/work"));
    Files.writeString(home.resolve("runs/1/work/old"), "");
    Files.createDirectories(home.resolve("runs/2"));
    Files.createDirectories(home.resolve("spools/3"));
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      var sink = new RecordingSink();
      backend.start(1, sh("ls -A; ls -A ../.."));
      backend.attach(1, 0, sink);

      sink.awaitEnd();

      assertThat(sink.text()).isEqualTo("1\n");
      assertThat(backend.list()).containsExactly(new Execution(1, false));
      assertThatCode(() -> backend.end(1)).doesNotThrowAnyException();
    }
  }
}
