package dev.buildonce.logs;

import dev.buildonce.TestDatabase;
import dev.buildonce.database.Transactions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.util.unit.DataSize;

/** One database for all tests of logs in this JVM, and replicas that share it. */
public final class LogsDatabase {

  private static final DataSource DATABASE = TestDatabase.migrated().dataSource();

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

  /** The same, with another way to the database and so many recent bytes in memory. */
  public static Logs replica(DataSource database, DataSize recent) {
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
}
