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
import dev.buildonce.database.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Services on one database, for something to happen to them, and what is known of it afterwards.
 */
final class Stage implements AutoCloseable {
  private static final int DISK = 100; // mebibytes, each
  private static final String FLOOR = "40MB";

  /*
   * Every process of a build holds the lock, so nothing of an attempt is left where the next gets it.
   * What is written to the log is in the build's own file before; what the shell has to say of a TERM
   * or of a full disk is not.
   */
  private static final String BEGIN =
      """
      d=@; k=$BUILD_KEY; n=$BUILD_ATTEMPT; f=$d/$k.$n
      note() { echo "$1 $n $2 $(date +%s.%N) $PWD" >> $d/$k.journal; }
      say() { echo "$1" >> $f; echo "$1"; }
      exec 9>> $d/$k.lock 2> /dev/null
      if flock -n 9; then note begin 0; else note beside 0; fi
      """;

  private static final String END =
      """
      printf '{"attempt": %d}' $n > $BUILD_VALUE
      note exit $code
      exit $code
      """;

  final Recorder recorder = new Recorder();
  final List<Replica> replicas = new ArrayList<>();
  final RealPostgres postgres;
  private final Path files;
  private final Duration term;

  /**
   * One without services.
   *
   * @param directory for all that it leaves
   * @param term of leases: after a short one others take over what a silent service had, within a
   *     long one the service adopts it when it is started again
   */
  Stage(Path directory, Duration term) throws IOException {
    this.files = Files.createDirectories(directory.resolve("files"));
    this.term = term;
    this.postgres = RealPostgres.in(directory.resolve("postgres"));
  }

  /** Starts services at the same time. */
  void start(List<ServiceProcess.Builder> services) {
    services.forEach(service -> replicas.add(launch(service)));
    replicas.forEach(replica -> replica.service().awaitReady());
  }

  private Replica launch(ServiceProcess.Builder service) {
    Line line = Line.to(postgres.url());
    SmallDisk disk = SmallDisk.mount(DISK).orElse(null);
    return new Replica(
        service
            .home(home(disk))
            .arguments(
                "--spring.datasource.url=" + line.url(postgres.url()),
                "--spring.datasource.username=" + postgres.user(),
                "--spring.datasource.password=" + postgres.password(),
                "--buildonce.lease-term=" + term.toSeconds() + "s",
                "--buildonce.keep.attempts=100000",
                "--buildonce.keep.free-disk=" + FLOOR,
                "--buildonce.pools.local.max=4",
                "--buildonce.pools.local.shutdown-timeout=2s")
            .launch(),
        line,
        disk);
  }

  private static Path home(@Nullable SmallDisk disk) {
    try {
      Path home =
          disk == null
              ? Files.createTempDirectory("buildonce-").toRealPath()
              : Files.createDirectory(disk.path().resolve("home"));
      Path builders = Files.createDirectory(home.resolve("builders"));
      Files.writeString(
          builders.resolve("chaos.yaml"),
          "command: [sh, -euc, \"{script}\"]\nparams: { script: {} }\ngrace: 1s\nretries: 2\n");
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The body of an ask for a build that does this between its begin and its end.
   *
   * @param lines of a shell, which {@code say} what is to be in the log and set {@code code}
   */
  String ask(String lines) {
    String script = (BEGIN + lines + END).replace("@", files.toString());
    return JsonMapper.shared()
        .writeValueAsString(Map.of("builder", "chaos", "params", Map.of("script", script)));
  }

  /** A file that a build of a {@code key} can wait for or read, in {@code $d}. */
  Path file(String key, String rest) {
    return files.resolve(key + "." + rest);
  }

  /** Whatever was accepted ends by itself once nothing happens any more; false if it does not. */
  boolean awaitQuiet(Duration most) {
    try {
      await()
          .atMost(most)
          .pollInterval(Duration.ofMillis(500))
          .ignoreExceptions()
          .until(
              () ->
                  postgres.jdbc().sql("SELECT count(*) FROM leases").query(Integer.class).single()
                      == 0);
      return true;
    } catch (ConditionTimeoutException _) {
      return false;
    }
  }

  /** The latest revision. */
  long head() {
    return postgres.jdbc().sql("SELECT revision FROM revisions").query(Long.class).single();
  }

  /** Stops all services, and tells what happened to the keys. */
  History history(List<String> keys) throws IOException {
    List<End> ends = new ArrayList<>();
    Client client = replicas.getFirst().client();
    for (String key : keys) {
      Reply build = get(client, "/builds/" + key);
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
    long head = head();
    List<String> left = stop();
    return new History(
        List.copyOf(recorder.shown),
        List.copyOf(recorder.rebuilds),
        deeds(keys),
        List.copyOf(recorder.reads),
        List.copyOf(recorder.asks),
        List.copyOf(recorder.told),
        List.copyOf(recorder.heard),
        List.copyOf(recorder.lows),
        ends,
        revisions,
        head,
        List.copyOf(recorder.odd),
        left);
  }

  /** What builds wrote into their journals, in order for each key. */
  List<Deed> deeds(List<String> keys) throws IOException {
    List<Deed> deeds = new ArrayList<>();
    for (String key : keys) {
      Path journal = file(key, "journal");
      for (String line : Files.exists(journal) ? Files.readAllLines(journal) : List.<String>of()) {
        deeds.add(deed(key, line.split(" ")));
      }
    }
    return deeds;
  }

  private static Deed deed(String key, String[] words) {
    // Their clock is not ours, which has no beginning that they know.
    Instant now = Instant.now();
    BigDecimal wall = BigDecimal.valueOf(now.getEpochSecond()).add(nanos(now.getNano()));
    long ago = wall.subtract(new BigDecimal(words[3])).movePointRight(9).longValue();
    return new Deed(
        key,
        Integer.parseInt(words[1]),
        Deed.What.valueOf(words[0].toUpperCase(Locale.ROOT)),
        Integer.parseInt(words[2]),
        System.nanoTime() - ago,
        words[4]);
  }

  private static BigDecimal nanos(int nanos) {
    return BigDecimal.valueOf(nanos, 9);
  }

  private End end(Client client, String key, int number) throws IOException {
    String path = "/builds/" + key + "/attempts/" + number;
    JsonNode attempt = get(client, path).json();
    Path written = file(key, Integer.toString(number));
    JsonNode value = attempt.path("value").path("attempt");
    return new End(
        key,
        number,
        attempt.path("status").asString(),
        attempt.path("exitCode").isInt() ? attempt.path("exitCode").asInt() : null,
        value.isInt() ? Integer.toString(value.asInt()) : null,
        get(client, path + "/log?follow=false").text(),
        Files.exists(written) ? Files.readString(written) : "");
  }

  private static Reply get(Client client, String path) {
    return Client.patiently(() -> client.get(path));
  }

  /** Leaves what the services logged for who has to explain a finding. */
  void keepLogs() {
    try {
      Path logs = Files.createDirectories(Path.of("target/chaos"));
      for (int i = 0; i < replicas.size(); i++) {
        Files.writeString(logs.resolve(i + ".log"), replicas.get(i).service().output());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  @Override
  public void close() {
    replicas.forEach(Replica::close);
    postgres.close();
  }
}
