package dev.buildonce.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres.Builder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A Postgres of our own, with its data in the home: durable, on loopback, behind a password. It
 * goes on after a crash of ours, and the next start finds it. After a crash of its own it is
 * started again, on the same port.
 */
final class EmbeddedPostgres implements AutoCloseable {

  /*
   * All of it is under database/ in the home: data (exists only once it is complete), port,
   * password, socket/, and start.log with what the server said.
   *
   * zonky starts and stops the server. It takes initdb's options through its locale settings, and
   * it makes a server that is fast and forgetful, unless told otherwise.
   */

  /** The major version of the binaries that the pom names. */
  static final int MAJOR = 18;

  private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final String NAME = "buildonce";
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final long LOOK = 500; // milliseconds between looks whether it is there

  private final Path directory;
  private final Path data;
  private final Binaries binaries;
  private final int connections;
  private final String password;
  private final int port;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread watcher;
  // the watcher's, once that was started; then whoever waited for its end
  private io.zonky.test.db.postgres.embedded.EmbeddedPostgres postgres;

  /**
   * Starts the server, or goes on with the one that a crash of ours left running.
   *
   * @param connections how many it must allow
   */
  EmbeddedPostgres(Home home, Path binaries, int connections) {
    this.directory = home.directory("database");
    this.data = directory.resolve("data");
    this.binaries = new Binaries(binaries);
    this.connections = connections;
    refuseUnquotable();
    try {
      this.password = readOrMakePassword(directory.resolve("password"));
      refuseOtherMajor();
      long begin = System.nanoTime();
      this.postgres = start();
      this.port = postgres.getPort();
      log.info(
          "Embedded Postgres in {}: ready on port {} after {} ms",
          data,
          port,
          (System.nanoTime() - begin) / 1_000_000);
    } catch (IOException | SQLException | IllegalStateException e) {
      throw failed(e);
    }
    this.watcher = Thread.ofPlatform().daemon().name("postgres-watch").start(this::watch);
  }

  /** How to reach our database in it. */
  Server server() {
    return server(port);
  }

  private void watch() {
    try {
      while (!closing.await(LOOK, TimeUnit.MILLISECONDS)) {
        try {
          if (Postmaster.of(data).isEmpty()) {
            startAgain();
          }
        } catch (IOException | RuntimeException e) {
          log.warn("The embedded Postgres is away; trying on to start it: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      log.debug("The embedded Postgres is not watched any more", e);
    }
  }

  /** Those who use it know its port, so that no other one will do. */
  private void startAgain() throws IOException {
    log.warn("The embedded Postgres is gone; starting it again");
    Postmaster.forget(data);
    postgres.close(); // lets go of its lock
    if (!isFree(port)) {
      throw new IOException("port " + port + " is taken");
    }
    postgres = new Launch(builder(data, port), data, output()).await(START);
    log.info("The embedded Postgres is back");
  }

  /**
   * Stops the server, once nobody uses it any more, and waits about a minute at most until it is
   * gone: whoever then copies the home meets no server.
   */
  @Override
  public void close() {
    closing.countDown();
    try {
      watcher.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      postgres.close();
      if (!awaitGone(data)) {
        log.warn(
            "The embedded Postgres is still stopping after {} s; a start of ours waits for that",
            STOP.toSeconds());
      }
    } catch (IOException e) {
      log.warn("The embedded Postgres did not stop: {}", e.toString());
    }
  }

  /** zonky waits 5 seconds for a server that stops; its last checkpoint may take longer. */
  private static boolean awaitGone(Path data) throws IOException {
    long end = System.nanoTime() + STOP.toNanos();
    boolean told = false;
    while (Postmaster.of(data).isPresent()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      if (!told) {
        log.info("The embedded Postgres is still stopping; waiting for it");
        told = true;
      }
      pause();
    }
    return true;
  }

  private io.zonky.test.db.postgres.embedded.EmbeddedPostgres start()
      throws IOException, SQLException {
    Optional<Postmaster> orphan = awaitOrphan();
    if (orphan.isPresent()) {
      log.info("The embedded Postgres still runs: going on with it");
      return builder(data, orphan.get().port()).start();
    }
    if (Files.exists(data)) {
      Postmaster.forget(data);
    } else {
      makeData();
    }
    return launch(data);
  }

  /** A server that is still alive answers soon, or is on its way out. */
  private Optional<Postmaster> awaitOrphan() throws IOException {
    long end = System.nanoTime() + START.toNanos();
    while (true) {
      Optional<Postmaster> found = Postmaster.of(data);
      if (found.isEmpty() || answers(found.get().port())) {
        return found;
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            "process " + found.get().process().pid() + " serves " + data + " but does not answer");
      }
      pause();
    }
  }

  private boolean answers(int port) {
    try (Connection connection = Connections.open(server(port), "start", Duration.ofSeconds(2))) {
      return connection.isValid(2);
    } catch (SQLException _) {
      return false;
    }
  }

  /** Makes a data directory with our database in it; a crash in here leaves none. */
  private void makeData() throws IOException, SQLException {
    removeUnfinished();
    Path unfinished = Files.createTempDirectory(directory, "data.new-");
    try (var made = launch(unfinished);
        Connection connection = made.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + NAME + " LOGIN PASSWORD '" + password + "'");
      statement.execute("CREATE DATABASE " + NAME + " OWNER " + NAME);
    }
    if (!awaitGone(unfinished)) {
      throw new IOException("it does not stop in " + unfinished);
    }
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    Home.flushDirectory(data);
  }

  private void removeUnfinished() {
    try (var left = Files.newDirectoryStream(directory, "data.new-*")) {
      for (Path one : left) {
        Postmaster.of(one).ifPresent(server -> server.process().destroyForcibly());
        FileSystemUtils.deleteRecursively(one);
      }
    } catch (IOException e) {
      // What a crash left may still be written to for a moment: the next start sees to it.
      log.debug("Left for the next start: {}", e.toString());
    }
  }

  /**
   * Starts a server on the port of this home, or on another one if somebody else has that. A second
   * try is for a port that was taken in between, and for processes of a crashed server that have
   * yet to go; a third for programs that a power cut damaged.
   */
  private io.zonky.test.db.postgres.embedded.EmbeddedPostgres launch(Path data) throws IOException {
    Path file = directory.resolve("port");
    long end = System.nanoTime() + START.toNanos();
    for (int attempt = 1; ; attempt++) {
      int port = freePort(readPort(file));
      Home.replace(file, port + "\n");
      try {
        return new Launch(builder(data, port), data, output())
            .await(Duration.ofNanos(end - System.nanoTime()));
      } catch (IOException e) {
        if (attempt == 3 || System.nanoTime() - end > 0) {
          throw e;
        }
        log.debug("The embedded Postgres did not start on port {}: {}", port, e.toString());
        pause();
        if (attempt == 2) {
          binaries.discardDamaged();
        }
      }
    }
  }

  private Builder builder(Path data, int port) {
    var output = ProcessBuilder.Redirect.appendTo(output().toFile());
    return io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(binaries.directory().toFile())
        .setPgBinaryResolver(binaries)
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START)
        .setPort(port)
        .setOutputRedirector(output)
        .setErrorRedirector(output)
        .setConnectConfig("password", password)
        .setConnectConfig("connectTimeout", "2")
        .setConnectConfig("socketTimeout", "30")
        .setLocaleConfig("auth", "scram-sha-256")
        .setLocaleConfig("pwfile", directory.resolve("password").toString())
        .setLocaleConfig("locale-provider", "builtin")
        .setLocaleConfig("builtin-locale", "C.UTF-8")
        .setLocaleConfig("locale", "C")
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", socketDirectory())
        .setServerConfig("password_encryption", "scram-sha-256")
        .setServerConfig("max_connections", Integer.toString(Math.max(100, connections)))
        .setServerConfig("shared_buffers", "128MB")
        // Errors of statements reach us as exceptions; the server's own log stays small.
        .setServerConfig("log_min_messages", "log")
        .setServerConfig("log_checkpoints", "off");
  }

  /** Its Unix socket is for people with psql; a path that is too long or odd for it has none. */
  private String socketDirectory() {
    Path socket = directory.resolve("socket");
    if (!socket.toString().matches("[A-Za-z0-9/._-]{1,80}")) {
      return "''";
    }
    try {
      Files.createDirectories(socket, Home.onlyOwner("rwx------"));
      return socket.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path output() {
    return directory.resolve("start.log");
  }

  private Server server(int port) {
    return new Server("jdbc:postgresql://127.0.0.1:" + port + "/" + NAME, NAME, password);
  }

  /** The server's tools hand the path to a shell, in double quotes. */
  private void refuseUnquotable() {
    if (data.toString().matches("(?s).*[\"$`\\\\\n].*")) {
      throw new StartRefused(
          "The embedded Postgres cannot work in %s: quotes, $ and \\ in a path confuse it."
              .formatted(data),
          "Name another home: --buildonce.home=DIRECTORY");
    }
  }

  private void refuseOtherMajor() throws IOException {
    String major;
    try {
      major = Files.readString(data.resolve("PG_VERSION")).strip();
    } catch (NoSuchFileException e) {
      return;
    }
    if (!major.equals(Integer.toString(MAJOR))) {
      throw new StartRefused(
          "The embedded database in %s was made by Postgres %s; this version of Buildonce brings Postgres %d."
              .formatted(data, major, MAJOR),
          """
          To keep it, start the version of Buildonce that made it, dump the database with pg_dump, \
          move that directory away, start this version once, stop it, and restore the dump. \
          To start afresh, move that directory away. \
          Or give a Postgres of your own: --spring.datasource.url=jdbc:postgresql://HOST/DATABASE""");
    }
  }

  private static String readOrMakePassword(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      String made = HexFormat.of().formatHex(random);
      Home.replace(file, made + "\n");
      return made;
    }
  }

  private static int readPort(Path file) throws IOException {
    try {
      return Integer.parseInt(Files.readString(file).strip());
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    }
  }

  /** The wished port, if it is free, else a free one outside the range of outgoing connections. */
  private static int freePort(int wished) throws IOException {
    int port = wished;
    for (int attempt = 0; attempt < 100; attempt++) {
      if (port > 0 && port < 65536 && isFree(port)) {
        return port;
      }
      port = ThreadLocalRandom.current().nextInt(15_500, 32_000);
    }
    throw new IOException("no free port on 127.0.0.1");
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for Postgres");
    }
  }

  private StartRefused failed(Exception e) {
    return new StartRefused(
        "The embedded Postgres did not start: " + e.getMessage(),
        "What it said is in %s. Or give a Postgres of your own: --spring.datasource.url=jdbc:postgresql://HOST/DATABASE"
            .formatted(output()),
        e);
  }
}
