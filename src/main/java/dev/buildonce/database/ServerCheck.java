package dev.buildonce.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at a Postgres before anything uses it: that it answers, is new enough, and is durable. */
final class ServerCheck {

  private static final Logger log = LoggerFactory.getLogger(ServerCheck.class);
  private static final int OLDEST = 15;

  private final Server server;

  ServerCheck(Server server) {
    this.server = server;
  }

  /**
   * Waits for an answer and looks.
   *
   * @param most how long to wait for a server that is not there yet
   */
  void run(Duration most) {
    try (Connection connection = connect(most);
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                  current_setting('fsync'), pg_is_in_recovery()
                """)) {
      row.next();
      if (row.getInt(1) < OLDEST * 10_000) {
        throw new StartRefused(
            "%s is Postgres %s; Buildonce needs %d or newer."
                .formatted(server, row.getString(2), OLDEST),
            "Upgrade it, or leave spring.datasource.url out: then Buildonce runs a Postgres of its own.");
      }
      if (row.getBoolean(4)) {
        throw new StartRefused(
            server + " is a standby, which takes no writes.",
            "Name the primary in spring.datasource.url.");
      }
      if (!row.getString(3).equals("on")) {
        log.warn("{} runs with fsync off: a crash of its machine loses or damages results", server);
      }
    } catch (SQLException e) {
      throw unreachable(e);
    }
  }

  private Connection connect(Duration most) throws SQLException {
    long end = System.nanoTime() + most.toNanos();
    boolean told = false;
    while (true) {
      try {
        return Connections.open(server, "start", Duration.ofSeconds(10));
      } catch (SQLException e) {
        if (isFinal(e) || System.nanoTime() - end > 0) {
          throw e;
        }
        if (!told) {
          log.info("Waiting for {}: {}", server, e.getMessage());
          told = true;
        }
        pause(e);
      }
    }
  }

  /** Wrong credentials (28) and a missing database (3D) do not heal by waiting. */
  private static boolean isFinal(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("28") || state.startsWith("3D");
  }

  private static void pause(SQLException e) throws SQLException {
    try {
      Thread.sleep(250);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  private StartRefused unreachable(SQLException e) {
    return new StartRefused(
        "%s cannot be used: %s".formatted(server, String.valueOf(e.getMessage()).strip()),
        """
        Check spring.datasource.url, spring.datasource.username and spring.datasource.password, and \
        that it runs. Without a URL Buildonce runs a Postgres of its own.""",
        e);
  }
}
