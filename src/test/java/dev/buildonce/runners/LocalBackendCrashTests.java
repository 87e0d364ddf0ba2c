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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBackendCrashTests {

  private static final Duration TERM = Duration.ofSeconds(30);

  @TempDir Path home;

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
        .atMost(Duration.ofSeconds(15))
        .until(() -> MachineProcesses.supervisorsOf(home).isEmpty());
  }

  @Test
  void attachAfterTheServiceWasKilledGivesEachByteOnce() throws Exception {
    var service =
        ServiceStandIn.start(
            home, TERM, 1, "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; exit 4");
    var before = new ByteArrayOutputStream();
    before.writeBytes(service.getInputStream().readNBytes(1_000));
    service.destroyForcibly().waitFor();

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
    var service =
        ServiceStandIn.start(
            home, TERM, 1, "echo up; while [ ! -e go ]; do sleep 0.02; done; echo went on");
    service.getInputStream().readNBytes(3);
    service.destroyForcibly().waitFor();

    Files.createFile(home.resolve("runs/1/work/go"));
    await().until(() -> Files.exists(home.resolve("spools/1/end")));

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
    var service =
        ServiceStandIn.start(
            home, Duration.ofSeconds(1), 1, "setsid -f sleep 305.5 >&-; echo up; sleep 305.5");
    service.getInputStream().readNBytes(3);
    service.destroyForcibly().waitFor();

    awaitNoSupervisor();

    assertThat(MachineProcesses.with(home, MachineProcesses.markOf(home, 1))).isEmpty();
    assertThat(MachineProcesses.sleeping("305.5")).isEmpty();
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
    try (var backend = new LocalBackend(home, Duration.ofSeconds(1), () -> {})) {
      backend.start(1, sh("exec sleep 60"));

      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(10))
          .until(() -> backend.list().equals(List.of(new Execution(1, true))));

      backend.end(1);
    }
  }

  @Test
  void suspendedSupervisorDoesNotHoldItsOwnSilenceAgainstTheService() throws Exception {
    try (var backend = new LocalBackend(home, Duration.ofSeconds(1), () -> {})) {
      backend.start(1, sh("exec sleep 60"));
      long supervisor = MachineProcesses.supervisorsOf(home).getFirst().pid();
      signal("STOP", supervisor);
      long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      await().atMost(Duration.ofSeconds(5)).until(() -> System.nanoTime() > until);

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
          1, sh("env -i setsid -f sleep 306.5 >&-; trap '' TERM HUP PIPE; echo up; sleep 306.5"));
      backend.attach(1, 0, sink);
      sink.awaitText("up");
      String mark = MachineProcesses.markOf(home, 1);

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);

      assertThat(sink.awaitEnd()).isEqualTo(new End(null, null, 3, End.Cause.VANISHED));
      assertThat(MachineProcesses.with(home, mark)).isEmpty();
      assertThat(MachineProcesses.sleeping("306.5")).isEmpty();
      assertThat(backend.list()).containsExactly(new Execution(1, false));
      backend.end(1);
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
      backend.attach(1, 0, sink);
      sink.awaitEnd();

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroyForcibly);

      var again = new RecordingSink();
      await().ignoreException(BackendUnavailable.class).until(() -> attached(backend, again));
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
      backend.start(1, sh("echo up; sleep 307.5"));
      backend.attach(1, 0, sink);
      sink.awaitText("up");

      MachineProcesses.supervisorsOf(home).forEach(ProcessHandle::destroy);

      assertThat(sink.awaitEnd().vanished()).isTrue();
      assertThat(MachineProcesses.sleeping("307.5")).isEmpty();
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
    await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(files.socket()));
    var channel = SocketChannel.open(UnixDomainSocketAddress.of(files.socket()));
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
    assertThat(supervisor.waitFor()).isZero();

    supervisor = startOther(otherCode, other.name());
    await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(files.socket()));
    try (var backend = new LocalBackend(home, TERM, () -> {})) {
      assertThat(backend.list()).isEmpty();
      assertThat(supervisor.waitFor()).isZero();
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
