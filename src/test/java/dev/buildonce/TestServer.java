package dev.buildonce;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The one Postgres of a test JVM: in a container if an engine has the image, else embedded. The
 * system property {@code buildonce.test.database} forces either: {@code container}, {@code
 * embedded}, or {@code auto}.
 *
 * @param container whether it runs in one
 * @param base its JDBC URL up to the database's name
 */
record TestServer(boolean container, String base, String user, String password) {

  static final String IMAGE = "postgres:17";

  private static final class Holder {
    private static final TestServer STARTED = start();
  }

  /** Starts it, at the first call. */
  static TestServer get() {
    return Holder.STARTED;
  }

  String url(String database) {
    return base + database;
  }

  private static TestServer start() {
    String wish = System.getProperty("buildonce.test.database", "auto").toLowerCase(Locale.ROOT);
    boolean container =
        switch (wish) {
          case "auto" -> DockerEngine.canStart(IMAGE);
          case "container" -> true;
          case "embedded" -> false;
          default -> throw new IllegalArgumentException("buildonce.test.database=" + wish);
        };
    if (container && wish.equals("container") && !DockerEngine.canStart(IMAGE)) {
      throw new IllegalStateException("No Docker engine answers that could start " + IMAGE);
    }
    long begin = System.nanoTime();
    TestServer server = container ? startContainer() : startEmbedded();
    System.out.printf(
        "Test database: %s, started in %.1f s (buildonce.test.database=%s)%n",
        container ? "container " + IMAGE : "embedded Postgres",
        (System.nanoTime() - begin) / 1e9,
        wish);
    return server;
  }

  private static TestServer startContainer() {
    @SuppressWarnings("resource") // removed when the JVM exits
    var container =
        new PostgreSQLContainer(IMAGE)
            .withCommand("postgres", "-c", "max_connections=400", "-c", "fsync=off");
    container.start();
    Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
    String url = container.getJdbcUrl();
    return new TestServer(
        true,
        url.substring(0, url.lastIndexOf('/') + 1),
        container.getUsername(),
        container.getPassword());
  }

  private static TestServer startEmbedded() {
    try {
      var embedded =
          EmbeddedPostgres.builder()
              .setDataDirectory(
                  Path.of("target", "test-database", "" + ProcessHandle.current().pid())
                      .toAbsolutePath())
              .setPGStartupWait(Duration.ofMinutes(1))
              .setServerConfig("max_connections", "400")
              .setServerConfig("unix_socket_directories", "''")
              .start();
      return new TestServer(
          false, "jdbc:postgresql://127.0.0.1:" + embedded.getPort() + "/", "postgres", "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
