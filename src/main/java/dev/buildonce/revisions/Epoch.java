package dev.buildonce.revisions;

import dev.buildonce.database.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Begins another epoch after an older backup was restored: its revisions will be given to other
 * changes than those that readers know by them. A database cannot tell by itself that it is older
 * than it was; whoever restored it says so with a file {@code restored} in the home.
 */
@Component
class Epoch implements ApplicationRunner {
  private static final Logger LOG = LoggerFactory.getLogger(Epoch.class);

  private final Path restored;
  private final JdbcClient jdbc;

  Epoch(Home home, JdbcClient jdbc) {
    this.restored = home.directory().resolve("restored");
    this.jdbc = jdbc;
  }

  @Override
  public void run(ApplicationArguments arguments) throws IOException {
    if (Files.exists(restored)) {
      // In this order: one epoch too many does no harm.
      jdbc.sql("UPDATE revisions SET epoch = gen_random_uuid()").update();
      Files.delete(restored);
      LOG.info("An older state was restored: revisions begin another epoch");
    }
  }
}
