package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalBackendTreeTests {

  @TempDir Path home;
  LocalBackend backend;
  private final String span = MachineProcesses.ownSpan();

  @BeforeEach
  void open() throws IOException {
    backend = new LocalBackend(home, Duration.ofSeconds(30), () -> {});
  }

  @AfterEach
  void close() {
    backend.list().forEach(execution -> backend.end(execution.attempt()));
    backend.close();
  }

  private RecordingSink run(long attempt, String script) {
    return run(attempt, script, span);
  }

  private RecordingSink run(long attempt, String script, String seconds) {
    var sink = new RecordingSink();
    var environment = Map.of("SPAN", seconds);
    backend.start(attempt, new Command(List.of("sh", "-c", script), environment, "key", 1));
    backend.attach(attempt, 0, sink);
    return sink;
  }

  /** Each leaves something behind when its first process says "up" and ends. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // in the background, and with the output held open
        "sleep $SPAN & echo up",
        // a daemon: new session, double fork, no descriptors
        "(setsid sh -c 'exec <&- >&- 2>&-; sleep $SPAN; :' &) ; sleep 0.1; echo up",
        // without an environment
        "env -i setsid -f sleep $SPAN; echo up",
        // without environment and mark
        "prlimit --rttime=unlimited env -i setsid -f sleep $SPAN; echo up",
        // without a parent, ignoring everything that can be ignored
        "(trap '' TERM HUP INT; setsid sh -c 'while :; do sleep $SPAN; done' &); echo up",
        // stopped
        "setsid -f sh -c 'kill -STOP $$; sleep $SPAN'; sleep 0.1; echo up",
        // a chain of processes, each of which starts the next in a new session and ends
        """
        printf '#!/bin/sh\\nsetsid ./hop $SPAN >/dev/null 2>&1 &\\n' > hop; chmod +x hop
        ./hop $SPAN; sleep 0.2; echo up
        """,
        // traps TERM and forks on, in new sessions
        """
        setsid -f sh -c 'trap "" TERM HUP; while :; do setsid -f sleep $SPAN; done' >/dev/null 2>&1
        sleep 0.2; echo up
        """
      })
  void endOfTheFirstProcessEndsTheWholeTree(String script) throws IOException {
    var sink = run(1, script);
    sink.awaitText("up");
    String mark = MachineProcesses.markOf(home, 1);

    var end = sink.awaitEnd();

    assertThat(MachineProcesses.with(home, mark)).isEmpty();
    assertThat(MachineProcesses.sleeping(span)).isEmpty();
    assertThat(end).isEqualTo(new End(0, null, 3, End.Cause.ITSELF));
  }

  @Test
  void stopEndsATreeThatTrapsTermAndForksOn() throws IOException {
    var sink =
        run(
            1,
            """
            trap '' TERM
            setsid -f sh -c 'trap "" TERM; while :; do setsid -f sleep $SPAN; done' >/dev/null 2>&1
            echo up
            while :; do (setsid sleep $SPAN >/dev/null 2>&1 &); done
            """);
    sink.awaitText("up");
    String mark = MachineProcesses.markOf(home, 1);

    backend.stop(1, Duration.ofMillis(200));

    assertThat(sink.awaitEnd()).isEqualTo(new End(null, 9, 3, End.Cause.STOPPED));
    assertThat(MachineProcesses.with(home, mark)).isEmpty();
    assertThat(MachineProcesses.sleeping(span)).isEmpty();
  }

  @Test
  void stopGivesTheGraceToTheRestOfTheTreeAsWell() {
    var sink =
        run(
            1,
            """
            sh -c 'trap "sleep 0.3; echo child tidied; exit" TERM; echo up; while :; do sleep 0.1; done' &
            wait
            """);
    sink.awaitText("up");

    backend.stop(1, Duration.ofSeconds(20));

    assertThat(sink.awaitEnd().signal()).isEqualTo(15);
    assertThat(sink.text()).contains("child tidied");
  }

  @Test
  void endWhenItStillRunsEndsItAndRemovesEverything() throws IOException {
    var sink =
        run(
            1,
            """
            mkdir -p locked/inside && chmod 500 locked locked/inside && ln -s / root
            setsid -f sleep $SPAN >/dev/null 2>&1
            echo up; sleep $SPAN
            """);
    sink.awaitText("up");
    String mark = MachineProcesses.markOf(home, 1);

    backend.end(1);

    assertThat(MachineProcesses.with(home, mark)).isEmpty();
    assertThat(home.resolve("runs")).isEmptyDirectory();
    assertThat(home.resolve("spools")).isEmptyDirectory();
    assertThat(sink.awaitEnd().cause()).isEqualTo(End.Cause.STOPPED);
    // What was gone with the end of the build is deleted beside us.
    await().untilAsserted(() -> assertThat(home.resolve("trash")).isEmptyDirectory());
  }

  @Test
  void endOfOneBuildLeavesTheDaemonsOfAnotherAlone() {
    String otherSpan = MachineProcesses.ownSpan();
    String daemon = "env -i setsid -f sleep $SPAN; echo up; while :; do sleep 0.02; done";
    var first = run(1, daemon);
    first.awaitText("up");
    run(2, daemon, otherSpan).awaitText("up");
    assertThat(MachineProcesses.sleeping(span)).hasSize(1);
    List<Long> others = MachineProcesses.sleeping(otherSpan);
    assertThat(others).hasSize(1);

    backend.stop(1, Duration.ZERO);

    first.awaitEnd();
    assertThat(MachineProcesses.sleeping(span)).isEmpty();
    assertThat(MachineProcesses.sleeping(otherSpan)).isEqualTo(others);
  }

  @Test
  void endDoesNotWaitForAPipeThatSomebodyElseHolds() throws Exception {
    var sink = run(1, "mkfifo go; echo $$; read line < go");
    sink.awaitText("\n");
    // Another process opens the pipe of the build through /proc, and keeps it.
    Path held = home.resolve("held");
    String hold = "exec 7> /proc/%s/fd/1; : > %s; exec sleep 60";
    var holder = new ProcessBuilder("sh", "-c", hold.formatted(sink.text().strip(), held)).start();
    try {
      await().until(() -> Files.exists(held));

      backend.stop(1, Duration.ZERO);

      assertThat(sink.awaitEnd().cause()).isEqualTo(End.Cause.STOPPED);
      assertThat(holder.isAlive()).isTrue();
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }
}
