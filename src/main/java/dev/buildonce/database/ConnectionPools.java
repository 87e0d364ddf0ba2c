package dev.buildonce.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The pools of connections behind the two lanes. */
final class ConnectionPools implements AutoCloseable {

  /*
   * With the database away an ask must fail within 10 seconds, however it is away. Refused and
   * reset connections fail at once. When packets are swallowed, it takes at worst: the wait for a
   * connection, one last check of a dead one begun just before that wait is over, and one statement
   * on a connection that was too fresh to be checked.
   *
   *   asks: 3 s + 1 s + 4 s = 8 s
   *
   * The work lane may take longer over one statement, but must notice well within a lease's term.
   */
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration CHECK = Duration.ofSeconds(1);

  private final HikariDataSource asks;
  private final HikariDataSource work;

  ConnectionPools(Server server, DatabaseProperties settings, @Nullable MeterRegistry metrics) {
    this.asks =
        pool(
            server,
            "asks",
            settings.asksConnections(),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            metrics);
    this.work =
        pool(
            server,
            "work",
            settings.workConnections(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            metrics);
  }

  DataSource asks() {
    return asks;
  }

  DataSource work() {
    return work;
  }

  @Override
  public void close() {
    asks.close();
    work.close();
  }

  private static HikariDataSource pool(
      Server server,
      String name,
      int connections,
      Duration wait,
      Duration socket,
      @Nullable MeterRegistry metrics) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(server.url());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(Math.min(4, connections));
    config.setConnectionTimeout(wait.toMillis());
    config.setValidationTimeout(CHECK.toMillis());
    config.setInitializationFailTimeout(-1);
    config.setConnectionInitSql(session(socket.minusMillis(500)));
    config.addDataSourceProperty("ApplicationName", "buildonce " + name);
    // Texts all of them: Hikari hands other types on, and the driver passes over them in silence.
    config.addDataSourceProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
    config.addDataSourceProperty("loginTimeout", String.valueOf(CONNECT.toSeconds()));
    config.addDataSourceProperty("socketTimeout", String.valueOf(socket.toSeconds()));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("reWriteBatchedInserts", "true");
    if (metrics != null) {
      config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(metrics));
    }
    return new HikariDataSource(config);
  }

  /**
   * Settings of each session: the server gives up before the socket does, so that a slow statement
   * is an error and not a lost connection; and nothing that was told is lost with the server.
   */
  private static String session(Duration statement) {
    return """
    SET synchronous_commit = on;
    SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = off;
    SET statement_timeout = %d;
    SET lock_timeout = %d;
    SET idle_in_transaction_session_timeout = 10000
    """
        .formatted(statement.toMillis(), statement.minusMillis(500).toMillis());
  }
}
