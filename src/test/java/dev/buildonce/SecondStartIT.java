package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starts that cannot be: refused with a word on what to do, and without harm to what is there. */
class SecondStartIT {
  private static ServiceProcess first;
  private static Client client;

  @BeforeAll
  static void start() {
    first = ServiceProcess.start();
    client = new Client(first.url());
    assertThat(client.script("/builds/kept?wait=30", "echo kept").status()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    first.close();
  }

  enum Obstacle {
    HOME_IN_USE("is in use by process", "--buildonce.home=DIRECTORY") {
      @Override
      void put(Path home, ServiceProcess.Builder start) {
        start.home(first.home());
      }
    },
    PORT_OF_ANOTHER_SERVICE("was already in use", "configure this application") {
      @Override
      void put(Path home, ServiceProcess.Builder start) {
        start.port(first.port());
      }
    },
    HOME_IS_A_FILE("is no directory", "--buildonce.home=DIRECTORY") {
      @Override
      void put(Path home, ServiceProcess.Builder start) throws IOException {
        Files.delete(home);
        Files.writeString(home, "precious");
      }
    },
    OTHER_MAJOR_VERSION("was made by Postgres 12", "pg_dump") {
      @Override
      void put(Path home, ServiceProcess.Builder start) throws IOException {
        Path data = Files.createDirectories(home.resolve("database/data"));
        Files.writeString(data.resolve("PG_VERSION"), "12\n");
      }
    },
    NO_DATABASE_IN_ITS_DIRECTORY("The embedded Postgres did not start", "start.log") {
      @Override
      void put(Path home, ServiceProcess.Builder start) throws IOException {
        Path data = Files.createDirectories(home.resolve("database/data"));
        Files.writeString(data.resolve("thesis.txt"), "precious");
      }
    },
    NO_PERMISSION("no permission for", "--buildonce.home=DIRECTORY") {
      @Override
      void put(Path home, ServiceProcess.Builder start) throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("---------"));
        if (System.getProperty("user.name").equals("root")) {
          start.by("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
          // Nor may it write where the answers of tests are noted.
          start.environment("SERVER_JETTY_ACCESSLOG_ENABLED", "false");
        }
      }
    };

    private final List<String> words;

    Obstacle(String... words) {
      this.words = List.of(words);
    }

    abstract void put(Path home, ServiceProcess.Builder start) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void startIsRefusedWithAWordOnWhatToDo(Obstacle obstacle) throws IOException {
    Path home = Files.createTempDirectory("buildonce-").toRealPath();
    ServiceProcess.Builder start = ServiceProcess.builder().home(home);
    obstacle.put(home, start);
    List<String> before = tree(home);

    ServiceProcess second = start.launch();

    assertThat(second.awaitExit()).isEqualTo(1);
    assertThat(second.output()).contains(obstacle.words).doesNotContain("\tat ");
    assertThat(tree(home)).containsAll(before);
    assertFirstIsUnharmed();
    if (obstacle != Obstacle.HOME_IN_USE) {
      awaitNothingRuns(home);
      second.close();
    }
  }

  @Test
  void portOfSomethingElseIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var second = ServiceProcess.builder().port(taken.getLocalPort()).launch()) {
      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.output())
          .contains("Port " + taken.getLocalPort() + " was already in use")
          .doesNotContain("\tat ");
      awaitNothingRuns(second.home());
    }
  }

  /**
   * A Postgres removes its files, for which the service waits, a moment before its process ends.
   */
  private static void awaitNothingRuns(Path home) {
    Awaitility.await().until(() -> HomeProcesses.of(home).isEmpty());
  }

  private static void assertFirstIsUnharmed() {
    Reply hit = client.script("/builds/kept", "echo kept");
    assertThat(hit.status()).isEqualTo(200);
    assertThat(hit.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(client.get("/builds/kept/log").text()).isEqualTo("kept\n");
  }

  private static List<String> tree(Path home) throws IOException {
    if (!Files.isReadable(home)) {
      return List.of();
    }
    try (var paths = Files.walk(home)) {
      return paths.map(Path::toString).sorted().toList();
    }
  }
}
