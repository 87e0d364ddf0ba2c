package dev.buildonce.chaos;

import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import dev.buildonce.chaos.History.Deed;
import dev.buildonce.chaos.History.End;
import dev.buildonce.database.Line;
import dev.buildonce.database.RealPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two services on one database under a load of all kinds of calls, to which everything happens that
 * can, at random: the seed decides on faults and calls, though not on how they interleave.
 */
final class Chaos {
  private static final int KEYS = 8;
  private static final int CALLERS = 16;
  private static final Duration QUIET = Duration.ofSeconds(150);
  private static final long DATABASE_REST = TimeUnit.SECONDS.toNanos(8);

  /*
   * Every process of a build holds the lock, so nothing of an attempt is left where the next gets it.
   * What is written to the log is in the build's own file before.
   */
  private static final String SCRIPT =
      """
      d=@; k=$BUILD_KEY; n=$BUILD_ATTEMPT; f=$d/$k.$n
      exec 9>> $d/$k.lock
      if flock -n 9; then what=begin; else what=beside; fi
      echo "$what $n 0 $$ $(date +%s.%N)" >> $d/$k.journal
      i=0; lines=$(( (n * 37 + ${k#key} * 11) % 120 + 5 ))
      while [ $i -lt $lines ]; do
        i=$((i+1)); l="$k $n line $i of $lines"
        echo "$l" >> $f; echo "$l"
        [ $((i % 4)) -ne 0 ] || sleep 0.15
      done
      printf '{"attempt": %d}' $n > $BUILD_VALUE
      code=$(( n % 4 == 0 ))
      echo "exit $n $code $$ $(date +%s.%N)" >> $d/$k.journal
      exit $code
      """;

  private final long seed;
  private final Duration time;
  private final Duration term;
  private final List<Fault> faults;
  private final Path directory;
  private final Path files;
  private final List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "key" + i).toList();
  private final Recorder recorder = new Recorder();
  private final List<Replica> replicas = new ArrayList<>();
  private long killed = System.nanoTime(); // the database
  private final AtomicReference<@Nullable Replica> restarting = new AtomicReference<>();
  private final long begin = System.nanoTime();

  /**
   * A run of its own.
   *
   * @param directory for all that it leaves
   * @param time how long there are calls and faults
   * @param term of leases: after a short one others take over what a silent service had, within a
   *     long one the service adopts it when it is started again
   */
  Chaos(Path directory, long seed, Duration time, Duration term, List<Fault> faults)
      throws IOException {
    this.directory = directory;
    this.files = Files.createDirectories(directory.resolve("files"));
    this.seed = seed;
    this.time = time;
    this.term = term;
    this.faults = faults;
  }

  /** Starts what is given, lets it suffer, and tells what happened. */
  History run(ServiceProcess.Builder one, ServiceProcess.Builder other) throws Exception {
    try (RealPostgres postgres = RealPostgres.in(directory.resolve("postgres"))) {
      try {
        var second = CompletableFuture.supplyAsync(() -> start(other, postgres));
        replicas.add(start(one, postgres));
        replicas.add(second.get());
        suffer(postgres);
        say("over; waiting until all builds have ended");
        awaitQuiet(postgres);
        return history(postgres);
      } finally {
        for (Replica replica : replicas) {
          replica.service().close();
          replica.line().close();
        }
      }
    }
  }

  private static Path home() {
    try {
      Path home = Files.createTempDirectory("buildonce-").toRealPath();
      Path builders = Files.createDirectory(home.resolve("builders"));
      Files.writeString(
          builders.resolve("chaos.yaml"),
          "command: [sh, -euc, \"{script}\"]\nparams: { script: {} }\ngrace: 1s\nretries: 2\n");
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Replica start(ServiceProcess.Builder service, RealPostgres postgres) {
    Line line = Line.to(postgres.url());
    return new Replica(
        service
            .home(home())
            .arguments(
                "--spring.datasource.url=" + line.url(postgres.url()),
                "--spring.datasource.username=" + postgres.user(),
                "--spring.datasource.password=" + postgres.password(),
                "--buildonce.lease-term=" + term.toSeconds() + "s",
                "--buildonce.keep.attempts=100000",
                "--buildonce.pools.local.max=4",
                "--buildonce.pools.local.shutdown-timeout=2s")
            .start(),
        line);
  }

  private void suffer(RealPostgres postgres) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    long until = System.nanoTime() + time.toNanos();
    String ask =
        JsonMapper.shared()
            .writeValueAsString(
                Map.of(
                    "builder",
                    "chaos",
                    "params",
                    Map.of("script", SCRIPT.replace("@", files.toString()))));
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        Caller caller =
            new Caller(
                recorder,
                replicas.stream().map(Replica::client).toList(),
                keys,
                ask,
                random.split(),
                until);
        running.add(
            threads.submit(
                () -> {
                  caller.run();
                  return null;
                }));
      }
      while (System.nanoTime() < until) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500, 3000));
        Fault fault = faults.get(random.nextInt(faults.size()));
        Replica replica = replicas.get(random.nextInt(replicas.size()));
        long millis = random.nextLong(200, 8000);
        SplittableRandom own = random.split();
        if (fault == Fault.KILL_DATABASE) {
          if (System.nanoTime() - killed > DATABASE_REST) {
            say(fault.toString());
            postgres.kill();
            killed = System.nanoTime();
          }
        } else if (mayBegin(fault, replica)) {
          say(fault + " of " + replicas.indexOf(replica) + " for " + millis + " ms");
          running.add(
              threads.submit(
                  () -> {
                    try {
                      replica.suffer(fault, own, millis);
                    } finally {
                      replica.busy.set(false);
                      restarting.compareAndSet(replica, null);
                    }
                    return null;
                  }));
        }
      }
    }
    for (Future<?> one : running) {
      one.get();
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

  /** Whatever was accepted ends by itself once nothing happens any more. */
  private void awaitQuiet(RealPostgres postgres) {
    try {
      await()
          .atMost(QUIET)
          .pollInterval(Duration.ofMillis(500))
          .ignoreExceptions()
          .until(
              () ->
                  postgres.jdbc().sql("SELECT count(*) FROM leases").query(Integer.class).single()
                      == 0);
    } catch (ConditionTimeoutException _) {
      say("not all builds have ended: the checker says which");
    }
  }

  private History history(RealPostgres postgres) throws IOException {
    List<Deed> deeds = new ArrayList<>();
    List<End> ends = new ArrayList<>();
    Client client = replicas.getFirst().client();
    for (String key : keys) {
      Path journal = files.resolve(key + ".journal");
      for (String line : Files.exists(journal) ? Files.readAllLines(journal) : List.<String>of()) {
        String[] words = line.split(" ");
        deeds.add(
            new Deed(
                key,
                Integer.parseInt(words[1]),
                Deed.What.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)),
                Integer.parseInt(words[2])));
      }
      Reply build = client.get("/builds/" + key);
      int last = build.status() == 404 ? 0 : build.json().path("attempt").path("number").asInt();
      for (int n = 1; n <= last; n++) {
        ends.add(end(client, key, n));
      }
    }
    List<Long> revisions =
        postgres
            .jdbc()
            .sql("SELECT revision FROM changes ORDER BY revision")
            .query(Long.class)
            .list();
    long head = postgres.jdbc().sql("SELECT revision FROM revisions").query(Long.class).single();
    return new History(
        List.copyOf(recorder.shown),
        List.copyOf(recorder.rebuilds),
        deeds,
        List.copyOf(recorder.reads),
        ends,
        revisions,
        head,
        List.copyOf(recorder.odd),
        stop());
  }

  private End end(Client client, String key, int number) throws IOException {
    JsonNode attempt = client.get("/builds/" + key + "/attempts/" + number).json();
    Path written = files.resolve(key + "." + number);
    JsonNode value = attempt.path("value").path("attempt");
    return new End(
        key,
        number,
        attempt.path("status").asString(),
        attempt.path("exitCode").isInt() ? attempt.path("exitCode").asInt() : null,
        value.isInt() ? Integer.toString(value.asInt()) : null,
        client.get("/builds/" + key + "/attempts/" + number + "/log?follow=false").text(),
        Files.exists(written) ? Files.readString(written) : "");
  }

  /** Stops all services and says what is there after a while. */
  private List<String> stop() {
    for (Replica replica : replicas) {
      replica.service().stop();
    }
    List<String> left = new ArrayList<>();
    for (Replica replica : replicas) {
      Path home = replica.service().home();
      try {
        await().atMost(Duration.ofSeconds(30)).until(() -> HomeProcesses.of(home).isEmpty());
      } catch (ConditionTimeoutException _) {
        HomeProcesses.of(home).forEach(each -> left.add(each.pid() + " " + each.info()));
      }
    }
    return left;
  }

  private void say(String what) {
    System.out.printf("%6.1f s: %s%n", (System.nanoTime() - begin) / 1e9, what);
  }

  /** What was done, in numbers. */
  static String summary(History history) {
    long outcomes =
        history.ends().stream().filter(end -> History.OUTCOMES.contains(end.status())).count();
    Map<String, Long> statuses =
        history.ends().stream()
            .collect(
                java.util.stream.Collectors.groupingBy(
                    End::status, java.util.TreeMap::new, java.util.stream.Collectors.counting()));
    long answers =
        history.shown().stream().filter(shown -> shown.use() == History.Use.ANSWER).count();
    long whole = history.reads().stream().filter(History.Read::whole).count();
    return "%d attempts (%d outcomes: %s), %d times shown, %d answers, %d rebuilds, %d logs read (%d whole), %d revisions"
        .formatted(
            history.ends().size(),
            outcomes,
            statuses,
            history.shown().size(),
            answers,
            history.rebuilds().size(),
            history.reads().size(),
            whole,
            history.revisions().size());
  }
}
