package dev.buildonce.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections outside the pools, for what holds on to one: a listener, a migration. Whoever opens
 * one closes it.
 */
public final class Connections {

  private final Server server;

  Connections(Server server) {
    this.server = server;
  }

  /**
   * Opens a connection. Opening it gives up after 2 seconds; a statement that is silent for the
   * given time loses it.
   *
   * @param purpose one word, which {@code pg_stat_activity} shows
   * @param silence how long the server may take to answer; zero: for ever
   * @throws SQLException if the database cannot be reached
   */
  public Connection open(String purpose, Duration silence) throws SQLException {
    return open(server, purpose, silence);
  }

  static Connection open(Server server, String purpose, Duration silence) throws SQLException {
    return source(server, purpose, silence).getConnection();
  }

  static PGSimpleDataSource source(Server server, String purpose, Duration silence)
      throws SQLException {
    var source = new PGSimpleDataSource();
    source.setUrl(server.url());
    source.setUser(server.user());
    source.setPassword(server.password());
    source.setApplicationName("buildonce " + purpose);
    source.setConnectTimeout(2);
    source.setLoginTimeout(2);
    source.setSocketTimeout(Math.toIntExact(silence.toSeconds()));
    source.setTcpKeepAlive(true);
    source.setProperty(PGProperty.LOG_SERVER_ERROR_DETAIL, "true");
    return source;
  }
}
