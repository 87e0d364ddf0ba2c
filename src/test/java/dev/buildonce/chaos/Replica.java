package dev.buildonce.chaos;

import dev.buildonce.Client;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import dev.buildonce.Signal;
import dev.buildonce.chaos.History.Low;
import dev.buildonce.database.Line;
import dev.buildonce.database.SmallDisk;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One service, its line to the database, and what is done to them. */
final class Replica implements AutoCloseable {
  private static final int STARTS = 5;
  private static final int LITTLE = 20; // mebibytes, less than the floor
  private static final Duration NOTICED = Duration.ofSeconds(10);
  private static final Duration JUDGED = Duration.ofSeconds(2);
  private static final List<Line.Fault> LINE_FAULTS =
      List.of(Line.Fault.values()).subList(1, Line.Fault.values().length);

  final AtomicBoolean busy = new AtomicBoolean();
  private final ServiceProcess service;
  private final Line line;
  private final @Nullable SmallDisk disk;

  /**
   * A service that was started.
   *
   * @param disk that its home is on, or null if it is on that of all
   */
  Replica(ServiceProcess service, Line line, @Nullable SmallDisk disk) {
    this.service = service;
    this.line = line;
    this.disk = disk;
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
  void suffer(Fault fault, SplittableRandom random, long millis, Recorder recorder)
      throws Exception {
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
        pauses();
        pause(millis);
        goesOn();
      }
      case KILL_SUPERVISOR ->
          processes("dev.buildonce.supervisor.Main").forEach(ProcessHandle::destroyForcibly);
      case KILL_BUILD -> {
        // Between fork and exec, a child has the command line of its shell.
        List<ProcessHandle> all = processes("-euc");
        List<ProcessHandle> shells =
            all.stream().filter(shell -> shell.parent().filter(all::contains).isEmpty()).toList();
        if (!shells.isEmpty()) {
          shells.get(random.nextInt(shells.size())).destroyForcibly();
        }
      }
      case FAIL_LINE -> {
        line.fail(LINE_FAULTS.get(random.nextInt(LINE_FAULTS.size())));
        pause(millis);
        line.mend();
      }
      case FILL_DISK -> fillDisk(random.nextBoolean() ? 0 : LITTLE, millis, recorder);
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

  /** Has the service stand still. */
  void pauses() {
    Signal.STOP.send(service.pid());
  }

  /** Has it go on. */
  void goesOn() {
    Signal.CONT.send(service.pid());
  }

  /** Leaves little room or none for a while, and notes for how long the service knew of it. */
  private void fillDisk(int free, long millis, Recorder recorder) throws Exception {
    if (disk == null) {
      return; // no right to mount one
    }
    try {
      disk.fill(free);
      long until = System.nanoTime() + NOTICED.toNanos();
      while (!isLow() && System.nanoTime() < until) {
        pause(100);
      }
      long begin = System.nanoTime();
      if (begin < until) {
        pause(millis);
        recorder.lows.add(new Low(service.home().toString(), begin, System.nanoTime()));
      }
    } finally {
      disk.makeRoom();
    }
    pause(JUDGED.toMillis()); // what ended meanwhile, by a service that knows
  }

  private boolean isLow() {
    try {
      return client()
          .get("/actuator/health/readiness")
          .json()
          .path("components")
          .path("disk")
          .path("details")
          .has("low");
    } catch (UncheckedIOException _) {
      return false;
    }
  }

  /** Ends all that is here. */
  @Override
  public void close() {
    service.close();
    line.close();
    if (disk != null) {
      disk.close();
    }
  }

  private static void pause(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }
}
