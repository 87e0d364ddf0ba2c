package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Signal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

@ExtendWith(OutputCaptureExtension.class)
class EmbeddedPostgresTests {

  private static final Path BINARIES = Path.of("target", "test-postgres").toAbsolutePath();

  @TempDir Path directory;
  @AutoClose Home home;

  @BeforeEach
  void openHome() {
    home = new Home(directory.resolve("home").toString());
  }

  @Test
  void startOnAnEmptyHomeIsDurableAndPrivate() throws Exception {
    try (EmbeddedPostgres postgres = start()) {
      assertThat(show(postgres, "fsync")).isEqualTo("on");
      assertThat(show(postgres, "synchronous_commit")).isEqualTo("on");
      assertThat(show(postgres, "full_page_writes")).isEqualTo("on");
      assertThat(show(postgres, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(show(postgres, "server_version")).startsWith(EmbeddedPostgres.MAJOR + ".");
      assertThat(mode("database/password")).isEqualTo("rw-------");
      assertThat(mode("database/data")).isEqualTo("rwx------");
      assertThat(Files.readString(home.directory().resolve("database/data/pg_hba.conf")))
          .doesNotContainPattern("(?m)^[^#].*trust");
      Server server = postgres.server();
      var stranger = new Server(server.url(), server.user(), "guess");
      assertThatThrownBy(() -> show(stranger, "fsync"))
          .rootCause()
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void startAgainKeepsRowsAndPort() throws Exception {
    int port = port(startAndInsert());

    long begin = System.nanoTime();
    try (EmbeddedPostgres postgres = start()) {
      double seconds = (System.nanoTime() - begin) / 1e9;

      assertThat(port(postgres.server())).isEqualTo(port);
      assertThat(rows(postgres)).isOne();
      System.out.printf("Embedded Postgres on an existing home: %.2f s%n", seconds);
    }
  }

  @Test
  void startWhenPortIsTakenTakesAnother() throws Exception {
    int port = port(startAndInsert());

    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        EmbeddedPostgres postgres = start()) {
      assertThat(port(postgres.server())).isNotEqualTo(port);
      assertThat(rows(postgres)).isOne();
    }
  }

  @Test
  void startWhenPidFileNamesAnotherProgramStartsAllTheSame() throws Exception {
    Server server = startAndInsert();
    Files.writeString(
        home.directory().resolve("database/data/postmaster.pid"),
        ProcessHandle.current().pid() + "\n/elsewhere\n1\n" + port(server) + "\n");

    try (EmbeddedPostgres postgres = start()) {
      assertThat(rows(postgres)).isOne();
    }
  }

  @Test
  void startWhenServerIsStillRunningGoesOnWithIt() throws Exception {
    Path data = home.directory().resolve("database/data");
    startAndInsert();
    var orphan =
        new ProcessBuilder("bash", "-c", serverCommand(data))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("orphan.log").toFile())
            .start();
    await().until(() -> Postmaster.of(data).isPresent());
    long pid = Postmaster.of(data).orElseThrow().process().pid();

    try (EmbeddedPostgres postgres = start()) {
      assertThat(rows(postgres)).isOne();
      assertThat(Postmaster.of(data).orElseThrow().process().pid()).isEqualTo(pid);
    }

    assertThat(Postmaster.of(data)).isEmpty();
    assertThat(orphan.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(orphan.exitValue()).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void closeWhenServerTakesLongToStopWaitsUntilItIsGone(CapturedOutput output) throws Exception {
    Path data = home.directory().resolve("database/data");
    EmbeddedPostgres postgres = start();
    var checkpointer =
        RealPostgres.children(Postmaster.of(data).orElseThrow().process(), "checkpointer")
            .findAny()
            .orElseThrow();
    Signal.STOP.send(checkpointer.pid());

    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> closed = executor.submit(postgres::close);
      try {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> output.getAll().contains("still stopping; waiting for it"));
        assertThat(closed).isNotDone();
      } finally {
        Signal.CONT.send(checkpointer.pid());
      }
      closed.get(60, TimeUnit.SECONDS);
    }

    assertThat(Postmaster.of(data)).isEmpty();
  }

  @Test
  void startWhenServerCrashedRecovers() throws Exception {
    Path data = home.directory().resolve("database/data");
    EmbeddedPostgres crashed = start();
    insert(crashed.server());
    ProcessHandle server = Postmaster.of(data).orElseThrow().process();
    server.destroyForcibly();
    server.onExit().get(30, TimeUnit.SECONDS);
    crashed.close();

    try (EmbeddedPostgres postgres = start()) {
      assertThat(rows(postgres)).isOne();
    }
  }

  @Test
  void startWhenDataIsOfAnotherMajorIsRefusedWithTheWayOut() throws IOException {
    Path data = Files.createDirectories(home.directory("database").resolve("data"));
    Files.writeString(data.resolve("PG_VERSION"), "14\n");

    assertThatThrownBy(this::start)
        .isInstanceOfSatisfying(
            StartRefused.class,
            refused -> {
              assertThat(refused).hasMessageContaining("made by Postgres 14");
              assertThat(refused.action()).contains("pg_dump", "spring.datasource.url");
            });
  }

  @Test
  void startWhenDataIsBrokenSaysWhySoonAndLeavesThePrograms() throws Exception {
    startAndInsert();
    Files.writeString(home.directory().resolve("database/data/postgresql.conf"), "nonsense = 1\n");
    List<FileTime> programs = unpackedAt();
    long begin = System.nanoTime();

    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("The embedded Postgres did not start: ");

    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(30);
    assertThat(unpackedAt()).isEqualTo(programs).isNotEmpty();
  }

  @Test
  void startWhenAnEarlierOneWasCutShortBeginsAnew() throws Exception {
    Path unfinished = Files.createDirectories(home.directory("database").resolve("data.new-1"));
    Files.writeString(unfinished.resolve("PG_VERSION"), "18\n");

    try (EmbeddedPostgres postgres = start()) {
      insert(postgres.server());
    }

    assertThat(unfinished).doesNotExist();
  }

  @Test
  void startWhenProgramsAreDamagedUnpacksThemAgain() throws Exception {
    Path binaries = home.directory("postgres");
    startAndInsert(binaries);
    Path program = BinariesTests.program(binaries);
    Files.write(program, new byte[0]);

    try (EmbeddedPostgres postgres = new EmbeddedPostgres(home, binaries, 50)) {
      assertThat(rows(postgres)).isOne();
    }

    assertThat(program).isNotEmptyFile();
  }

  @Test
  void startWhenHomeHasAnOddPathWorks() throws Exception {
    try (Home odd = new Home(directory.resolve("a home, 'ö'").toString());
        EmbeddedPostgres postgres = new EmbeddedPostgres(odd, BINARIES, 50)) {
      insert(postgres.server());

      assertThat(odd.directory().resolve("database/socket")).doesNotExist();
    }
  }

  @Test
  void startWhenPathCannotBeQuotedIsRefused() {
    try (Home odd = new Home(directory.resolve("a $HOME").toString())) {
      assertThatThrownBy(() -> new EmbeddedPostgres(odd, BINARIES, 50))
          .isInstanceOf(StartRefused.class);
    }
  }

  private EmbeddedPostgres start() {
    return new EmbeddedPostgres(home, BINARIES, 50);
  }

  private Server startAndInsert() throws SQLException {
    return startAndInsert(BINARIES);
  }

  private Server startAndInsert(Path binaries) throws SQLException {
    try (EmbeddedPostgres postgres = new EmbeddedPostgres(home, binaries, 50)) {
      insert(postgres.server());
      return postgres.server();
    }
  }

  private static void insert(Server server) throws SQLException {
    JdbcClient jdbc = RealPostgres.jdbc(server);
    jdbc.sql("CREATE TABLE numbers (n int)").update();
    jdbc.sql("INSERT INTO numbers VALUES (1)").update();
  }

  private static long rows(EmbeddedPostgres postgres) throws SQLException {
    return RealPostgres.jdbc(postgres.server())
        .sql("SELECT count(*) FROM numbers")
        .query(Long.class)
        .single();
  }

  private static String show(EmbeddedPostgres postgres, String setting) throws SQLException {
    return show(postgres.server(), setting);
  }

  private static String show(Server server, String setting) throws SQLException {
    return RealPostgres.jdbc(server).sql("SHOW " + setting).query(String.class).single();
  }

  /** When each version of the shared programs was put where it is. */
  private static List<FileTime> unpackedAt() throws IOException {
    List<FileTime> times = new ArrayList<>();
    try (var versions = Files.newDirectoryStream(BINARIES, "PG-*")) {
      for (Path version : versions) {
        times.add(Files.getLastModifiedTime(version.resolve(".exists")));
      }
    }
    return times;
  }

  private static int port(Server server) {
    return Integer.parseInt(server.url().replaceAll(".*:(\\d+)/.*", "$1"));
  }

  /** The command that the data directory's server was last started with, as a shell takes it. */
  private static String serverCommand(Path data) throws IOException {
    String command = Files.readString(data.resolve("postmaster.opts")).strip();
    return "exec "
        + (ProcessHandle.current().info().user().orElse("").equals("root") ? "unshare -U " : "")
        + command;
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(home.directory().resolve(path)));
  }
}
