package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.buildonce.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;

class OutageTests {

  private static final int CONNECTIONS = 4;

  private final TestDatabase database = TestDatabase.migrated();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Line line;
  private Server server;
  private ConnectionPools pools;
  private JdbcClient jdbc;
  private Transactions transactions;

  enum Outage {
    REFUSED,
    RESET,
    SWALLOWED
  }

  @BeforeEach
  void open() throws IOException {
    line = new Line(Integer.parseInt(database.url().replaceAll(".*:(\\d+)/.*", "$1")));
    server =
        new Server(
            database.url().replaceAll("//.*/", "//127.0.0.1:" + line.port() + "/"),
            database.user(),
            database.password());
    var settings = new DatabaseProperties(CONNECTIONS, CONNECTIONS, Duration.ofSeconds(1), null);
    pools = new ConnectionPools(server, settings, metrics);
    var source = new LaneDataSource(pools);
    jdbc = JdbcClient.create(source);
    transactions = new Transactions(new DataSourceTransactionManager(source));
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> idle("asks") == CONNECTIONS && idle("work") == CONNECTIONS);
  }

  private double idle(String pool) {
    return metrics.get("hikaricp.connections.idle").tag("pool", pool).gauge().value();
  }

  @AfterEach
  void close() throws IOException {
    pools.close();
    line.close();
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void askWhenDatabaseIsAwayFailsWithinTenSeconds(Outage outage) throws Exception {
    long begin;
    List<Throwable> failures;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> warm = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        warm.add(executor.submit(() -> jdbc.sql("SELECT pg_sleep(0.3)").query().listOfRows()));
      }
      for (var one : warm) {
        one.get();
      }

      switch (outage) {
        case REFUSED -> line.cut();
        case RESET -> line.reset();
        case SWALLOWED -> line.swallow();
      }
      begin = System.nanoTime();
      Callable<Throwable> ask =
          () ->
              catchThrowable(
                  () -> transactions.run(() -> jdbc.sql("SELECT 1").query().listOfRows()));
      failures =
          executor.invokeAll(java.util.Collections.nCopies(CONNECTIONS * 4, ask)).stream()
              .map(Future::resultNow)
              .toList();
    }

    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf("%s: all asks ended after %.1f s%n", outage, seconds);
    assertThat(seconds).isLessThan(10);
    if (outage != Outage.RESET) {
      assertThat(failures)
          .allSatisfy(
              failure ->
                  assertThat(failure)
                      .isInstanceOfAny(DataAccessException.class, TransactionException.class)
                      .matches(Unavailable::isCauseOf));
    }
    line.mend();
    await().atMost(10, TimeUnit.SECONDS).ignoreExceptions().until(() -> answers());
  }

  @Test
  void commitOfUnknownFateThrows() {
    jdbc.sql("CREATE TABLE numbers (n int)").update();

    Throwable failure =
        catchThrowable(
            () ->
                transactions.run(
                    () -> {
                      jdbc.sql("INSERT INTO numbers VALUES (1)").update();
                      line.swallow();
                    }));

    assertThat(failure).isInstanceOfAny(DataAccessException.class, TransactionException.class);
    assertThat(Unavailable.isCauseOf(failure)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Line.Fault.class,
      names = {"LOST_BEFORE_COMMIT", "LOST_AFTER_COMMIT"})
  void commitThatIsLostThrows(Line.Fault fault) throws IOException {
    jdbc.sql("CREATE TABLE numbers (n int)").update();
    for (int i = 0; i < 20; i++) {
      transactions.run(() -> jdbc.sql("DELETE FROM numbers").update());
    }
    line.fail(fault);

    for (int i = 1; i <= 10; i++) {
      int n = i;
      Runnable insert =
          () ->
              transactions.run(
                  () -> jdbc.sql("INSERT INTO numbers VALUES (:n)").param("n", n).update());

      Throwable failure = catchThrowable(insert::run);

      assertThat(Unavailable.isCauseOf(failure)).isTrue();
      assertThat(line.lostCommits()).isEqualTo(i);
      insert.run(); // every other one
    }

    assertThat(jdbc.sql("SELECT count(*) FROM numbers").query(Integer.class).single())
        .isEqualTo(fault == Line.Fault.LOST_AFTER_COMMIT ? 20 : 10);
  }

  @Test
  void askWhenRowIsLockedFailsInTime() throws Exception {
    jdbc.sql("CREATE TABLE numbers AS SELECT 1 AS n").update();
    var locked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var holder =
          executor.submit(
              () ->
                  Transactions.work(
                      () ->
                          transactions.run(
                              () -> {
                                jdbc.sql("UPDATE numbers SET n = 2").update();
                                locked.countDown();
                                awaitLatch(release);
                              })));
      awaitLatch(locked);
      long begin = System.nanoTime();

      assertThatThrownBy(() -> jdbc.sql("UPDATE numbers SET n = 3").update())
          .isInstanceOf(DataAccessException.class)
          .matches(Unavailable::isCauseOf);

      assertThat((System.nanoTime() - begin) / 1e9).isLessThan(8);
      release.countDown();
      holder.get();
    }
    assertThat(jdbc.sql("SELECT n FROM numbers").query(Integer.class).single()).isEqualTo(2);
  }

  @Test
  void workGoesOnWhenAsksHoldAllTheirConnections() throws Exception {
    var busy = new CountDownLatch(CONNECTIONS);
    var release = new CountDownLatch(1);
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        executor.submit(
            () ->
                transactions.run(
                    () -> {
                      jdbc.sql("SELECT 1").query().listOfRows();
                      busy.countDown();
                      awaitLatch(release);
                    }));
      }
      awaitLatch(busy);

      assertThat(Transactions.work(this::answers)).isTrue();
      assertThatThrownBy(this::answers).matches(Unavailable::isCauseOf);
      release.countDown();
    }

    assertThat(metrics.get("hikaricp.connections.max").tag("pool", "asks").gauge().value())
        .isEqualTo(CONNECTIONS);
    assertThat(metrics.get("hikaricp.connections.max").tag("pool", "work").gauge().value())
        .isEqualTo(CONNECTIONS);
  }

  @Test
  void sessionsAreDurableAndBounded() {
    assertThat(show("synchronous_commit")).isEqualTo("on");
    assertThat(show("transaction_isolation")).isEqualTo("read committed");
    assertThat(show("statement_timeout")).isEqualTo("3500ms");
    assertThat(show("lock_timeout")).isEqualTo("3s");
    assertThat(show("idle_in_transaction_session_timeout")).isEqualTo("10s");
    assertThat(show("application_name")).isEqualTo("buildonce asks");
    assertThat(Transactions.work(() -> show("application_name"))).isEqualTo("buildonce work");
  }

  @Test
  void healthFollowsTheDatabase() throws IOException {
    var health = new DatabaseHealth(new Connections(server));
    awaitStatus("UP", health);

    line.cut();

    awaitStatus("DOWN", health);
  }

  @Test
  void checkWhenServerIsAwayWaitsAndSaysSo() throws IOException {
    new ServerCheck(server).run(Duration.ofSeconds(30));
    line.cut();

    assertThatThrownBy(() -> new ServerCheck(server).run(Duration.ofSeconds(1)))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("127.0.0.1:" + line.port())
        .hasMessageContaining("refused");
  }

  @Test
  void checkWhenPasswordIsWrongFailsAtOnce() {
    var stranger = new Server(server.url() + "_none", server.user(), server.password());
    long begin = System.nanoTime();

    assertThatThrownBy(() -> new ServerCheck(stranger).run(Duration.ofMinutes(1)))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("does not exist");

    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(30);
  }

  private static void awaitStatus(String status, DatabaseHealth health) {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> health.health().getStatus().getCode().equals(status));
  }

  private boolean answers() {
    return jdbc.sql("SELECT true").query(Boolean.class).single();
  }

  private String show(String setting) {
    return jdbc.sql("SHOW " + setting).query(String.class).single();
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
