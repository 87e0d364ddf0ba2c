package dev.buildonce.database;

import dev.buildonce.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A durable Postgres of a test's own, that may be killed: it is started again at once. */
public final class RealPostgres implements AutoCloseable {
  private static final int CONNECTIONS = 120;
  private static final List<String> BEHIND =
      List.of("walwriter", "background writer", "checkpointer", "autovacuum launcher");

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
    var source = new PGSimpleDataSource();
    source.setUrl(url());
    source.setUser(user());
    source.setPassword(password());
    return JdbcClient.create(source);
  }

  /** Has nothing reach the disk any more but what a commit itself waits for, until it is killed. */
  public void writeNothingBehind() {
    postmaster().stream()
        .flatMap(ProcessHandle::children)
        .filter(child -> BEHIND.stream().anyMatch(command(child)::contains))
        .forEach(child -> Signal.STOP.send(child.pid()));
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
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      return ProcessHandle.of(pid);
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
