package dev.buildonce.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A durable Postgres of a test's own, that may be killed: it is started again at once. */
public final class RealPostgres implements AutoCloseable {
  private static final int CONNECTIONS = 120;

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

  /** Ends it as a power cut would; another one takes its place. */
  public void kill() {
    try {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    } catch (java.nio.file.NoSuchFileException _) {
      // It is away already.
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
