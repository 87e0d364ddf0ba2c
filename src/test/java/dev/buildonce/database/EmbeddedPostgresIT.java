package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class EmbeddedPostgresIT {

  @Test
  void serviceIsDurableAndGoesOnWithItsDatabaseAfterKillAndStop() throws Exception {
    try (var service = started("empty home", ServiceProcess.builder()::start)) {
      JdbcClient jdbc = connect(service.home());
      assertThat(show(jdbc, "fsync")).isEqualTo("on");
      assertThat(show(jdbc, "synchronous_commit")).isEqualTo("on");
      jdbc.sql("CREATE TABLE numbers AS SELECT 1 AS n").update();
      long server = server(service.home()).orElseThrow().pid();

      service.kill9();
      assertThat(server(service.home())).isPresent();
      started("after kill -9", () -> restart(service));
      assertThat(server(service.home()).orElseThrow().pid()).isEqualTo(server);
      assertThat(rows(connect(service.home()))).isOne();

      assertThat(service.stop()).isEqualTo(143);
      assertThat(server(service.home())).isEmpty();
      started("existing home", () -> restart(service));
      assertThat(rows(connect(service.home()))).isOne();
    }
  }

  @Test
  void secondStartOnTheSameHomeIsRefusedAndHarmless() throws Exception {
    try (var service = ServiceProcess.start()) {
      var second = ServiceProcess.builder().home(service.home()).launch();

      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.output())
          .contains("The home " + service.home() + " is in use by process " + service.pid())
          .contains("--buildonce.home=DIRECTORY")
          .doesNotContain("\tat ");
      await()
          .untilAsserted(
              () ->
                  assertThat(readiness(service))
                      .contains("\"status\":\"UP\"", "\"postgres\":\"18."));
    }
  }

  @Test
  void serviceUsesAGivenDatabase() throws Exception {
    try (var database = TestDatabase.migrated();
        var service = ServiceProcess.start(database.arguments())) {
      await().untilAsserted(() -> assertThat(readiness(service)).contains("\"status\":\"UP\""));
      assertThat(service.home().resolve("database")).doesNotExist();
      assertThat(
              database
                  .jdbc()
                  .sql(
                      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'buildonce %'")
                  .query(Long.class)
                  .single())
          .isPositive();
    }
  }

  @Test
  void serviceWhenGivenDatabaseIsAwayEndsWithASentence() {
    var service =
        ServiceProcess.builder()
            .arguments(
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none",
                "--buildonce.database.start-wait=1s")
            .launch();

    try (service) {
      assertThat(service.awaitExit()).isEqualTo(1);
      assertThat(service.output())
          .contains("jdbc:postgresql://127.0.0.1:1/none cannot be used", "spring.datasource.url")
          .doesNotContain("\tat ");
    }
  }

  private interface Start {
    ServiceProcess run() throws Exception;
  }

  private static ServiceProcess started(String how, Start start) throws Exception {
    long begin = System.nanoTime();
    ServiceProcess service = start.run();
    System.out.printf("Ready on %s after %.1f s%n", how, (System.nanoTime() - begin) / 1e9);
    return service;
  }

  private static ServiceProcess restart(ServiceProcess service) {
    service.restart();
    return service;
  }

  private static Optional<ProcessHandle> server(Path home) throws IOException {
    return Postmaster.of(home.resolve("database/data")).map(Postmaster::process);
  }

  private static JdbcClient connect(Path home) throws IOException, SQLException {
    String port = Files.readString(home.resolve("database/port")).strip();
    String password = Files.readString(home.resolve("database/password")).strip();
    var server =
        new Server("jdbc:postgresql://127.0.0.1:" + port + "/buildonce", "buildonce", password);
    return RealPostgres.jdbc(server);
  }

  private static String show(JdbcClient jdbc, String setting) {
    return jdbc.sql("SHOW " + setting).query(String.class).single();
  }

  private static long rows(JdbcClient jdbc) {
    return jdbc.sql("SELECT count(*) FROM numbers").query(Long.class).single();
  }

  private static String readiness(ServiceProcess service) {
    return new Client(service.url()).get("/actuator/health/readiness").text();
  }
}
