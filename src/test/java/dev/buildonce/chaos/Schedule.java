package dev.buildonce.chaos;

import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.JsonNode;

/** Calls, and a fault at the moment at which it shows whether a {@link PlantedBug} is there. */
enum Schedule {
  /**
   * A service stands still between taking an attempt and running it, and goes on when another has
   * it.
   */
  PAUSE_BEFORE_THE_RUN(2, Duration.ofSeconds(3)) {
    @Override
    void play(Stage stage) throws Exception {
      Replica one = stage.replicas.getFirst();
      Replica other = stage.replicas.getLast();
      try (Connection connection = gate(stage)) {
        other.pauses();
        ask(stage, one, "");
        patiently().until(() -> waitsAtTheGate(stage));
        one.pauses();
        one.line().reset(); // its session ends with the transaction that waits
        connection.createStatement().execute("SELECT pg_advisory_unlock_all()");
      }
      other.goesOn();
      patiently().until(() -> stage.deeds(List.of(KEY)).size() == 1);
      one.goesOn();
      happens(() -> stage.deeds(List.of(KEY)).size() > 1);
      touch(stage.file(KEY, "1.go"));
    }
  },
  /** A service is killed while a build writes, and adopts it when it is started again. */
  KILL_WHILE_IT_WRITES(1, Duration.ofSeconds(60)) {
    @Override
    void play(Stage stage) throws Exception {
      Replica replica = stage.replicas.getFirst();
      ask(stage, replica, "");
      String log = "/builds/" + KEY + "/log?follow=false";
      patiently().until(() -> replica.client().get(log).text().contains("line 20\n"));
      replica.service().kill9();
      touch(stage.file(KEY, "1.go"));
      replica.service().restart();
      patiently().until(() -> look(stage, replica).path("status").asString().equals("succeeded"));
    }
  },
  /** What was flagged is cancelled when it is built anew, and asked for again. */
  CANCEL_OF_A_REBUILD(1, Duration.ofSeconds(60)) {
    @Override
    void play(Stage stage) throws Exception {
      Replica replica = stage.replicas.getFirst();
      touch(stage.file(KEY, "1.go"));
      ask(stage, replica, "?wait=60");
      long begin = System.nanoTime();
      Reply rebuild = replica.client().form("/rebuild", "key=" + KEY);
      stage.recorder.rebuild(KEY, begin, rebuild);
      ask(stage, replica, "");
      replica.client().post("/builds/" + KEY + "/cancel");
      touch(stage.file(KEY, "3.go"));
      ask(stage, replica, "?wait=60");
    }
  },
  /** The database is killed right after an answer. */
  KILL_AFTER_THE_ANSWER(1, Duration.ofSeconds(60)) {
    @Override
    void play(Stage stage) throws Exception {
      Replica replica = stage.replicas.getFirst();
      touch(stage.file(KEY, "1.go"));
      stage.postgres.writeNothingBehind();
      ask(stage, replica, "?wait=60");
      stage.postgres.kill();
      patiently()
          .ignoreExceptions()
          .until(() -> replica.client().get("/builds/" + KEY).status() != 503);
    }
  };

  static final String KEY = "key0";
  private static final String BUILD =
      """
      i=0
      while [ $i -lt 20 ]; do i=$((i+1)); say "$k $n line $i"; done
      until [ -e $d/$k.$n.go ]; do sleep 0.1; done
      while [ $i -lt 40 ]; do i=$((i+1)); say "$k $n line $i"; done
      code=0
      """;

  /** How many services it takes. */
  final int replicas;

  final Duration term;

  Schedule(int replicas, Duration term) {
    this.replicas = replicas;
    this.term = term;
  }

  abstract void play(Stage stage) throws Exception;

  private static void ask(Stage stage, Replica replica, String query) {
    long begin = System.nanoTime();
    Client client = replica.client();
    String body = stage.ask(BUILD);
    Reply reply = Client.patiently(() -> client.json("/builds/" + KEY + query, body));
    stage.recorder.build(KEY, begin, reply, true);
  }

  private static JsonNode look(Stage stage, Replica replica) {
    long begin = System.nanoTime();
    Client client = replica.client();
    return stage.recorder.build(KEY, begin, client.get("/builds/" + KEY), false);
  }

  /** Has each attempt wait in the transaction by which it begins to run, while it is open. */
  private static Connection gate(Stage stage) throws SQLException {
    var postgres = stage.postgres;
    Connection connection =
        DriverManager.getConnection(postgres.url(), postgres.user(), postgres.password());
    connection
        .createStatement()
        .execute(
            """
            CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
              'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
            CREATE TRIGGER gate BEFORE UPDATE ON attempts FOR EACH ROW
              WHEN (OLD.status = 'queued' AND NEW.status = 'running') EXECUTE FUNCTION gate();
            SELECT pg_advisory_lock(1)
            """);
    return connection;
  }

  private static boolean waitsAtTheGate(Stage stage) {
    return stage
        .postgres
        .jdbc()
        .sql("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        .query(Boolean.class)
        .single();
  }

  /** Gives what should not happen the time that it would take. */
  private static void happens(Callable<Boolean> what) {
    try {
      await().atMost(Duration.ofSeconds(15)).until(what);
    } catch (ConditionTimeoutException _) {
      // It does not.
    }
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
  }

  private static void touch(Path file) {
    try {
      Files.writeString(file, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
