package dev.buildonce.chaos;

import dev.buildonce.Client;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import dev.buildonce.database.Line;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One service, its line to the database, and what is done to them. */
final class Replica {
  private static final int STARTS = 5;
  private static final List<Line.Fault> LINE_FAULTS =
      List.of(Line.Fault.values()).subList(1, Line.Fault.values().length);

  final AtomicBoolean busy = new AtomicBoolean();
  private final ServiceProcess service;
  private final Line line;

  Replica(ServiceProcess service, Line line) {
    this.service = service;
    this.line = line;
  }

  Client client() {
    return new Client(service.url());
  }

  ServiceProcess service() {
    return service;
  }

  Line line() {
    return line;
  }

  /** Does it, holds it for a while, and undoes it. */
  void suffer(Fault fault, SplittableRandom random, long millis) throws Exception {
    switch (fault) {
      case KILL_SERVICE -> {
        service.kill9();
        pause(millis / 2);
        start();
      }
      case STOP_SERVICE -> {
        service.stop();
        start();
      }
      case PAUSE_SERVICE -> {
        signal("STOP");
        pause(millis);
        signal("CONT");
      }
      case KILL_SUPERVISOR ->
          processes("dev.buildonce.supervisor.Main").forEach(ProcessHandle::destroyForcibly);
      case KILL_BUILD -> {
        List<ProcessHandle> shells = processes("-euc");
        if (!shells.isEmpty()) {
          shells.get(random.nextInt(shells.size())).destroyForcibly();
        }
      }
      case FAIL_LINE -> {
        line.fail(LINE_FAULTS.get(random.nextInt(LINE_FAULTS.size())));
        pause(millis);
        line.mend();
      }
      case KILL_DATABASE -> throw new IllegalArgumentException("not of one replica");
    }
  }

  /** A start that meets a database that is away refuses, and is made again. */
  private void start() {
    for (int i = 1; ; i++) {
      try {
        service.restart();
        return;
      } catch (AssertionError e) {
        if (i == STARTS) {
          throw e;
        }
      }
    }
  }

  /** The processes of the home whose command names this. */
  List<ProcessHandle> processes(String name) {
    return HomeProcesses.of(service.home()).stream()
        .filter(process -> process.info().commandLine().orElse("").contains(name))
        .toList();
  }

  private void signal(String name) throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(service.pid()))
          .inheritIO()
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }
}
