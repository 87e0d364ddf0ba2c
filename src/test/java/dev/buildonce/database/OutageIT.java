package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import dev.buildonce.database.Line.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole service, with builds under way, while its database is away in all the known ways. */
class OutageIT {

  private static final Duration TERM = Duration.ofSeconds(4);

  private static TestDatabase database;
  private static Line line;
  private static ServiceProcess service;
  private static Client client;

  @TempDir private Path files;
  private final String key = "outage-" + UUID.randomUUID();
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private String going;
  private String ending;

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    line = Line.to(database.url());
    service =
        ServiceProcess.start(
            "--spring.datasource.url=" + line.url(database.url()),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password(),
            "--buildonce.lease-term=" + TERM.toSeconds() + "s",
            "--buildonce.pools.local.max=8");
    client = new Client(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
    line.close();
    database.close();
  }

  @BeforeEach
  void build() throws IOException {
    going = counting("going");
    ending = counting("ending");
    // Connections may still be broken by the test before: an ask that meets one is told so.
    patiently().until(() -> client.script("/builds/" + key + "-going", going).status() == 202);
    patiently().until(() -> client.script("/builds/" + key + "-ending", ending).status() == 202);
    for (String name : List.of("going", "ending")) {
      patiently().until(() -> log(name).contains("line 5\n"));
    }
  }

  /** For what comes as soon as it can. */
  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(60));
  }

  @AfterEach
  void mend() throws IOException {
    line.mend();
    for (String name : List.of("going", "ending")) {
      if (!Files.exists(files.resolve("end-" + name))) {
        Files.createFile(files.resolve("end-" + name));
      }
    }
    callers.shutdownNow(); // a red test leaves some behind
    patiently()
        .ignoreExceptions()
        .until(() -> status("going").equals("succeeded") && status("ending").equals("succeeded"));
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "SWALLOWED", "REQUESTS_SWALLOWED", "ANSWERS_SWALLOWED"})
  void callersAreToldWhileItIsAwayAndBuildsGoOn(Fault fault) throws Exception {
    assertThat(client.script("/builds/" + key + "-hit?wait=30", "echo hit").status())
        .isEqualTo(200);
    assertThat(client.script("/builds/" + key + "-flagged?wait=30", "echo one").status())
        .isEqualTo(200);
    assertThat(client.form("/rebuild", "key=" + key + "-flagged").status()).isEqualTo(200);
    long pid = service.pid();
    Future<Reply> held =
        callers.submit(() -> client.script("/builds/" + key + "-ending?wait=60", ending));
    Future<byte[]> follower = callers.submit(() -> follow("going"));
    await().until(() -> look("ending").json().path("waiters").asInt() == 1);

    line.fail(fault);
    long begin = System.nanoTime();
    List<Future<Away>> told = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String fresh = "/builds/" + key + "-new" + i;
      for (Supplier<Reply> call :
          List.<Supplier<Reply>>of(
              () -> client.script("/builds/" + key + "-hit", "echo hit"),
              () -> client.script("/builds/" + key + "-flagged", "echo one"),
              () -> client.script(fresh, "echo new"),
              () -> client.script(fresh + "?wait=30", "echo new", "Accept", "text/plain"),
              () -> look("hit"),
              () -> client.get("/builds/" + key + "-hit/log"),
              () -> client.get("/builds?prefix=" + key),
              () -> client.form("/rebuild", "key=" + key + "-hit"),
              () -> client.post("/builds/" + key + "-going/cancel"))) {
        told.add(callers.submit(() -> timed(call)));
        // Callers come while others are being kept waiting, not all at once.
        await().pollDelay(Duration.ofMillis(150)).until(() -> true);
      }
    }
    long written = Files.size(own("going"));
    Files.createFile(files.resolve("end-ending"));
    patiently().until(() -> client.get("/actuator/health/readiness").status() == 503);
    assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
    for (Future<Away> one : told) {
      Away away = one.get();
      assertThat(away.reply().status()).as(away.toString()).isEqualTo(503);
      assertThat(away.reply().problem()).isEqualTo("unavailable");
      assertThat(Integer.parseInt(away.reply().header("Retry-After"))).isPositive();
      assertThat(away.seconds()).isLessThan(10);
    }
    await().until(() -> System.nanoTime() - begin > TERM.multipliedBy(2).toNanos());
    assertThat(Files.size(own("going"))).isGreaterThan(written);
    assertThat(held.isDone()).isFalse();

    line.mend();
    patiently().until(() -> client.get("/actuator/health/readiness").status() == 200);
    // The pool may pause for seconds before it tries again what was refused.
    patiently().until(() -> client.get("/builds?prefix=" + key).status() == 200);
    assertThat(client.script("/builds/" + key + "-hit", "echo hit").status()).isEqualTo(200);
    Reply flagged = client.script("/builds/" + key + "-flagged?wait=30", "echo one");
    assertThat(flagged.header("Cache-Status")).isEqualTo("buildonce; fwd=stale; detail=rebuild");
    assertThat(flagged.json().path("outcome").path("number").asInt()).isEqualTo(2);
    for (int i = 0; i < 3; i++) {
      Reply fresh = client.script("/builds/" + key + "-new" + i + "?wait=30", "echo new");
      assertThat(fresh.json().path("outcome").path("number").asInt()).isOne();
    }
    assertThat(held.get(90, TimeUnit.SECONDS).status()).isEqualTo(200);
    assertEndedOnce("ending");
    Files.createFile(files.resolve("end-going"));
    client.get("/builds/" + key + "-going?wait=30");
    assertEndedOnce("going");
    assertThat(follower.get(60, TimeUnit.SECONDS)).isEqualTo(Files.readAllBytes(own("going")));
    assertThat(service.pid()).isEqualTo(pid);
    assertThat(service.isAlive()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"LOST_BEFORE_COMMIT", "LOST_AFTER_COMMIT"})
  void commitOfUnknownFateIsLookedUp(Fault fault) throws Exception {
    int before = line.lostCommits();
    line.fail(fault);
    Files.createFile(files.resolve("end-ending"));
    List<Integer> told = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Reply unsure = client.script("/builds/" + key + "-new" + i, "echo new");
      told.add(unsure.status());
      assertThat(unsure.status() == 503 ? unsure.problem() : "").isIn("unavailable", "");
    }
    assertThat(told).contains(503).allMatch(status -> status == 202 || status == 503);
    patiently().until(() -> status("ending").equals("succeeded"));
    assertThat(line.lostCommits()).isGreaterThan(before + 5);

    line.mend();

    assertEndedOnce("ending");
    for (int i = 0; i < 10; i++) {
      String path = "/builds/" + key + "-new" + i + "?wait=30";
      patiently().until(() -> client.script(path, "echo new").status() == 200);
      assertThat(client.script(path, "echo new").json().path("outcome").path("number").asInt())
          .isOne();
    }
    Files.createFile(files.resolve("end-going"));
    client.get("/builds/" + key + "-going?wait=30");
    assertEndedOnce("going");
  }

  @Test
  void slowDatabaseIsNotAway() throws Exception {
    line.fail(Fault.SLOW);
    try {
      await().until(() -> client.get("/actuator/health/readiness").status() == 200);
      Away asked = timed(() -> client.script("/builds/" + key + "-new", "echo new"));
      assertThat(asked.reply().status()).isEqualTo(202);
      assertThat(asked.seconds()).isLessThan(10);
      Files.createFile(files.resolve("end-ending"));
      assertThat(client.get("/builds/" + key + "-ending?wait=30").status()).isEqualTo(200);
      assertEndedOnce("ending");
    } finally {
      line.mend();
      Files.createFile(files.resolve("end-going"));
    }
    client.get("/builds/" + key + "-going?wait=30");
    assertEndedOnce("going");
  }

  @Test
  void brokenConnectionsAreReplaced() throws Exception {
    for (int i = 0; i < 5; i++) {
      line.reset();
      patiently().until(() -> look("going").status() == 200);
    }
    for (String name : List.of("going", "ending")) {
      Files.createFile(files.resolve("end-" + name));
      assertThat(client.get("/builds/" + key + "-" + name + "?wait=30").status()).isEqualTo(200);
      assertEndedOnce(name);
    }
  }

  private record Away(Reply reply, double seconds) {
    @Override
    public String toString() {
      return reply.status() + " after " + seconds + " s: " + reply.text();
    }
  }

  private static Away timed(Supplier<Reply> call) {
    long begin = System.nanoTime();
    return new Away(call.get(), (System.nanoTime() - begin) / 1e9);
  }

  /** A script that writes to a file of its own what it writes to its log, until told to end. */
  private String counting(String name) {
    return """
    i=0
    while [ ! -e %1$s ]; do
      i=$((i+1)); echo "line $i" >> %2$s; echo "line $i"; sleep 0.02
    done
    echo begun $BUILD_ATTEMPT >> %2$s; echo begun $BUILD_ATTEMPT
    """
        .formatted(files.resolve("end-" + name), own(name));
  }

  private Path own(String name) {
    return files.resolve(name);
  }

  private Reply look(String name) {
    return client.get("/builds/" + key + "-" + name);
  }

  private String log(String name) {
    return client.get("/builds/" + key + "-" + name + "/log?follow=false").text();
  }

  /** Where an attempt stands by the database, past the line. */
  private String status(String name) {
    return database
        .jdbc()
        .sql(
            """
            SELECT a.status FROM attempts AS a JOIN builds AS b ON b.id = a.build_id
            WHERE b.key = :key ORDER BY a.number DESC LIMIT 1
            """)
        .param("key", key + "-" + name)
        .query(String.class)
        .single();
  }

  private void assertEndedOnce(String name) throws IOException {
    patiently().ignoreExceptions().until(() -> look(name).status() == 200);
    assertThat(look(name).json().path("outcome").path("status").asString()).isEqualTo("succeeded");
    assertThat(look(name).json().path("attempt").path("number").asInt()).isOne();
    assertThat(log(name)).isEqualTo(Files.readString(own(name))).endsWith("begun 1\n");
    assertThat(
            database
                .jdbc()
                .sql("SELECT count(*) FROM changes WHERE key = :key")
                .param("key", key + "-" + name)
                .query(Integer.class)
                .single())
        .isOne();
  }

  /** Reads a log to its end, going on at the next byte whenever it is cut. */
  private byte[] follow(String name) throws InterruptedException {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (true) {
        var request =
            client.request("/builds/" + key + "-" + name + "/attempts/1/log?offset=" + got.size());
        try {
          var response = http.send(request.build(), BodyHandlers.ofInputStream());
          if (response.statusCode() == 200) {
            try (InputStream in = response.body()) {
              in.transferTo(got);
            }
            return got.toByteArray();
          }
        } catch (IOException _) {
          // Cut: on from there.
        }
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
      }
    }
  }
}
