package dev.buildonce.database;

import static org.awaitility.Awaitility.await;

import dev.buildonce.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A durable Postgres of a test's own, that may be killed: it is started again at once. */
public final class RealPostgres implements AutoCloseable {
  private static final int CONNECTIONS = 120;
  private static final List<String> BEHIND =
      List.of("walwriter", "background writer", "checkpointer");

  private final Home home;
  private final EmbeddedPostgres postgres;
  private final Path data;

  private RealPostgres(Path directory) {
    this.home = new Home(directory.toString());
    this.data = home.directory().resolve("database/data");
    this.postgres =
        new EmbeddedPostgres(home, Path.of("target/postgres").toAbsolutePath(), CONNECTIONS);
  }

  /** Starts one with its data in this directory. */
  public static RealPostgres in(Path directory) {
    return new RealPostgres(directory);
  }

  public String url() {
    return postgres.server().url();
  }

  public String user() {
    return postgres.server().user();
  }

  public String password() {
    return postgres.server().password();
  }

  public JdbcClient jdbc() {
    try {
      return jdbc(postgres.server());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Past the pools, with the patience of a test. */
  static JdbcClient jdbc(Server server) throws SQLException {
    PGSimpleDataSource source = Connections.source(server, "test", Duration.ofSeconds(60));
    source.setLoginTimeout(60);
    return JdbcClient.create(source);
  }

  /** Has nothing reach the disk any more but what a commit itself waits for, until it is killed. */
  public void writeNothingBehind() {
    stop("autovacuum launcher");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> children("autovacuum worker").isEmpty()); // its commit is everybody's
    BEHIND.forEach(this::stop);
  }

  private void stop(String name) {
    children(name).forEach(child -> Signal.STOP.send(child.pid()));
  }

  private List<ProcessHandle> children(String name) {
    return postmaster().stream().flatMap(process -> children(process, name)).toList();
  }

  /** The server's processes with this in their command. */
  static Stream<ProcessHandle> children(ProcessHandle postmaster, String name) {
    return postmaster.children().filter(child -> command(child).contains(name));
  }

  private static String command(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
    } catch (IOException _) {
      return ""; // gone
    }
  }

  /** Ends it as a power cut would; another one takes its place. */
  public void kill() {
    postmaster()
        .ifPresent(
            postmaster -> {
              List<ProcessHandle> children = postmaster.children().toList();
              postmaster.destroyForcibly();
              children.forEach(ProcessHandle::destroyForcibly); // one that was stopped, too
            });
  }

  private Optional<ProcessHandle> postmaster() {
    try {
      // An empty one is about to be written: the next server is on its way.
      return Files.readAllLines(data.resolve("postmaster.pid")).stream()
          .findFirst()
          .map(Long::valueOf)
          .flatMap(ProcessHandle::of);
    } catch (java.nio.file.NoSuchFileException _) {
      return Optional.empty(); // It is away already.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    postgres.close();
    home.close();
  }
}
