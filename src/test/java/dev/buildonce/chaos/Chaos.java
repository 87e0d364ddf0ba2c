package dev.buildonce.chaos;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.chaos.History.End;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two services on one database under a load of all kinds of calls, to which everything happens that
 * can, at random: the seed decides on faults and calls, though not on how they interleave.
 */
final class Chaos {
  private static final int KEYS = 8;
  private static final int CALLERS = 16;
  private static final Duration QUIET = Duration.ofSeconds(150);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int AWAITED = 3; // KILL_SERVICE, STOP_SERVICE, KILL_DATABASE
  private static final long DATABASE_REST = TimeUnit.SECONDS.toNanos(8);

  private static final String BUILD =
      """
      i=0; lines=$(( (n * 37 + ${k#key} * 11) % 120 + 5 ))
      while [ $i -lt $lines ]; do
        i=$((i+1)); say "$k $n line $i of $lines"
        [ $((i % 4)) -ne 0 ] || sleep 0.15
      done
      code=$(( n % 4 == 0 ))
      """;

  private final long seed;
  private final Duration time;
  private final Stage stage;
  private final List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "key" + i).toList();
  private final List<Fault> coming = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final AtomicReference<@Nullable Replica> restarting = new AtomicReference<>();
  private final long begin = System.nanoTime();
  private long killed = System.nanoTime(); // the database

  private Chaos(Stage stage, long seed, Duration time) {
    this.stage = stage;
    this.seed = seed;
    this.time = time;
  }

  /**
   * Starts two services, lets them suffer, and tells what happened.
   *
   * @param directory for all that it leaves
   * @param time how long there are calls and faults
   */
  static History run(Path directory, long seed, Duration time, Duration term) throws Exception {
    try (Stage stage = new Stage(directory, term)) {
      stage.start(List.of(ServiceProcess.builder(), ServiceProcess.builder()));
      try {
        return new Chaos(stage, seed, time).run();
      } finally {
        stage.keepLogs();
      }
    }
  }

  private History run() throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<Future<?>> listening = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = threads::shutdownNow) { // who hangs is not waited for
      for (int i = 0; i < stage.replicas.size(); i++) {
        List<Client> clients = stage.replicas.stream().map(Replica::client).toList();
        Listener listener = new Listener(stage.recorder, clients, i, random.split());
        listeners.add(listener);
        listening.add(submit(threads, listener::listen));
      }
      suffer(random);
      say("over; waiting until all builds have ended");
      if (!stage.awaitQuiet(QUIET)) {
        say("not all builds have ended: the checker says which");
      }
      long head = stage.head();
      listeners.forEach(listener -> listener.finish(head));
      join(listening);
    }
    return stage.history(keys);
  }

  private void suffer(SplittableRandom random) throws Exception {
    long until = System.nanoTime() + time.toNanos();
    String ask = stage.ask(BUILD);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = threads::shutdownNow) { // who hangs is not waited for
      for (int i = 0; i < CALLERS; i++) {
        Caller caller =
            new Caller(stage.recorder, stage.replicas, keys, ask, random.split(), until);
        running.add(submit(threads, caller::run));
      }
      while (System.nanoTime() < until) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500, 3000));
        Fault fault = next(random);
        Replica replica = stage.replicas.get(random.nextInt(stage.replicas.size()));
        long millis = random.nextLong(200, 8000);
        SplittableRandom own = random.split();
        if (fault == Fault.KILL_DATABASE) {
          if (System.nanoTime() - killed > DATABASE_REST) {
            say(fault.toString());
            stage.postgres.kill();
            killed = System.nanoTime();
          } else {
            coming.add(fault);
          }
        } else if (mayBegin(fault, replica)) {
          say(fault + " of " + stage.replicas.indexOf(replica) + " for " + millis + " ms");
          running.add(submit(threads, () -> suffer(replica, fault, own, millis)));
        } else {
          coming.add(fault);
        }
      }
      join(running);
    }
  }

  private static void join(List<Future<?>> all) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Future<?> one : all) {
      one.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /** Each kind comes once before one comes again, but for those that may not begin for now. */
  private Fault next(SplittableRandom random) {
    if (coming.size() <= AWAITED) {
      coming.addAll(List.of(Fault.values()));
    }
    return coming.remove(random.nextInt(coming.size()));
  }

  private interface Task {
    void run() throws Exception;
  }

  private static Future<?> submit(ExecutorService threads, Task task) {
    Callable<@Nullable Object> call =
        () -> {
          task.run();
          return null;
        };
    return threads.submit(call);
  }

  private void suffer(Replica replica, Fault fault, SplittableRandom random, long millis)
      throws Exception {
    try {
      replica.suffer(fault, random, millis, stage.recorder);
    } finally {
      replica.busy.set(false);
      restarting.compareAndSet(replica, null);
    }
  }

  /**
   * One thing at a time happens to a service, and only one is started again: the other is asked.
   */
  private boolean mayBegin(Fault fault, Replica replica) {
    boolean restart = fault == Fault.KILL_SERVICE || fault == Fault.STOP_SERVICE;
    if ((restart && restarting.get() != null) || !replica.busy.compareAndSet(false, true)) {
      return false;
    }
    if (restart) {
      restarting.set(replica);
    }
    return true;
  }

  private void say(String what) {
    System.out.printf("%6.1f s: %s%n", (System.nanoTime() - begin) / 1e9, what);
  }

  /** What was done, in numbers. */
  static String summary(History history) {
    Map<String, Long> statuses =
        history.ends().stream()
            .collect(Collectors.groupingBy(End::status, TreeMap::new, Collectors.counting()));
    long answers =
        history.shown().stream().filter(shown -> shown.use() == History.Use.ANSWER).count();
    long whole = history.reads().stream().filter(History.Read::whole).count();
    long complete = history.told().stream().filter(History.Told::complete).count();
    long full = history.asks().stream().filter(History.Ask::refusedForTheDisk).count();
    return """
    %d attempts %s, %d times shown, %d answers, %d rebuilds, %d revisions,
    %d logs read (%d whole), %d texts (%d complete), events heard: %s,
    %d times below the floor of a disk, %d asks refused for that"""
        .formatted(
            history.ends().size(),
            statuses,
            history.shown().size(),
            answers,
            history.rebuilds().size(),
            history.revisions().size(),
            history.reads().size(),
            whole,
            history.told().size(),
            complete,
            history.heard().stream().map(heard -> heard.events().size()).toList(),
            history.lows().size(),
            full);
  }
}
