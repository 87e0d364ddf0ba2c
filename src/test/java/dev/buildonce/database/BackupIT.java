package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.ReadmeBlocks;
import dev.buildonce.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup of the embedded database as the README has it. */
class BackupIT {

  @TempDir Path folder;

  @Test
  void restoredStateIsThatOfTheBackupInAnotherEpoch() throws Exception {
    try (var service = ServiceProcess.start()) {
      new Client(service.url()).script("/builds/before?wait=60", "echo before");
      service.stop();
      shell(ReadmeBlocks.with("-cf buildonce.tar"), service);
      service.restart();
      String epoch = epoch(service);
      new Client(service.url()).script("/builds/after?wait=60", "echo after");
      service.stop();

      shell(ReadmeBlocks.with("-xf buildonce.tar"), service);
      service.restart();

      Client client = new Client(service.url());
      assertThat(client.post("/builds/before").header("Cache-Status")).isEqualTo("buildonce; hit");
      assertThat(client.get("/builds/before/log").text()).isEqualTo("before\n");
      assertThat(client.get("/builds/after").problem()).isEqualTo("unknown-key");
      assertThat(epoch(service)).isNotEqualTo(epoch);
      assertThat(service.home().resolve("restored")).doesNotExist();
      assertThat(client.script("/builds/after?wait=60", "echo again").status()).isEqualTo(200);
      assertThat(client.get("/builds/after/log").text()).isEqualTo("again\n");
    }
  }

  private void shell(String block, ServiceProcess service) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh", "-eu", "-c", block.replace("~/.buildonce", service.home().toString()))
            .directory(folder.toFile())
            .inheritIO()
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(block).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(block).isZero();
  }

  private static String epoch(ServiceProcess service) throws Exception {
    Path database = service.home().resolve("database");
    String url =
        "jdbc:postgresql://127.0.0.1:%s/buildonce"
            .formatted(Files.readString(database.resolve("port")).strip());
    String password = Files.readString(database.resolve("password")).strip();
    try (var connection = DriverManager.getConnection(url, "buildonce", password);
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT epoch FROM revisions")) {
      row.next();
      return row.getString(1);
    }
  }
}
