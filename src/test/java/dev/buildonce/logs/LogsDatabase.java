package dev.buildonce.logs;

import com.zaxxer.hikari.HikariDataSource;
import dev.buildonce.database.Transactions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.util.unit.DataSize;

/** A Postgres with our schema, started once for all tests of this JVM. */
public final class LogsDatabase {

  private static final DataSource DATABASE = start();

  private LogsDatabase() {}

  public static DataSource dataSource() {
    return DATABASE;
  }

  public static JdbcClient jdbc() {
    return JdbcClient.create(DATABASE);
  }

  public static Transactions transactions() {
    return transactions(DATABASE);
  }

  static Transactions transactions(DataSource database) {
    return new Transactions(new JdbcTransactionManager(database));
  }

  /** The logs of one replica. */
  public static Logs replica() {
    return replica(DATABASE, DataSize.ofMegabytes(64));
  }

  static Logs replica(DataSource database, DataSize recent) {
    JdbcClient jdbc = JdbcClient.create(database);
    var logs =
        new Logs(
            transactions(database),
            new LogTable(jdbc),
            new ChunkTable(jdbc),
            new SimpleMeterRegistry(),
            new LogsProperties(recent));
    logs.start();
    return logs;
  }

  @SuppressWarnings("resource") // its shutdown hook stops it
  private static DataSource start() {
    try {
      var postgres = EmbeddedPostgres.builder().start();
      var pool = new HikariDataSource();
      pool.setDataSource(postgres.getPostgresDatabase());
      pool.setMaximumPoolSize(20);
      Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
      return pool;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
