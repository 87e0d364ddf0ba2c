package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The service on a Postgres that somebody else runs. */
class OwnPostgresIT {

  @Test
  void serviceWithDatasourceUrlKeepsItsBuildsThere() {
    try (TestDatabase database = TestDatabase.migrated();
        ServiceProcess service = ServiceProcess.start(database.arguments())) {
      Client client = new Client(service.url());

      Reply reply = client.script("/builds/own?wait=30", "echo there");

      assertThat(reply.status()).isEqualTo(200);
      assertThat(
              database
                  .jdbc()
                  .sql("SELECT status FROM builds WHERE key = 'own'")
                  .query(String.class)
                  .single())
          .isEqualTo("succeeded");
      assertThat(client.get("/builds/own/log").text()).isEqualTo("there\n");
      assertThat(Files.exists(service.home().resolve("database/data"))).isFalse();
    }
  }
}
