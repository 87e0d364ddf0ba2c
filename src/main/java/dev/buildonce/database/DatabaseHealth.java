package dev.buildonce.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the database answers, on a connection of its own: pools that are merely busy are no
 * reason to take this replica out. Asked often, it looks once a second.
 */
final class DatabaseHealth implements HealthIndicator {

  private static final Duration FRESH = Duration.ofSeconds(1);

  private final Connections connections;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Health last;
  private long lookedAt;

  DatabaseHealth(Connections connections) {
    this.connections = connections;
  }

  @Override
  public Health health() {
    lock.lock();
    try {
      Health known = last;
      if (known == null || System.nanoTime() - lookedAt > FRESH.toNanos()) {
        known = look();
        last = known;
        lookedAt = System.nanoTime();
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private Health look() {
    try (Connection connection = connections.open("health", Duration.ofSeconds(2));
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT current_setting('server_version')")) {
      row.next();
      return Health.up().withDetail("postgres", row.getString(1)).build();
    } catch (SQLException e) {
      return Health.down().withDetail("error", String.valueOf(e.getMessage()).strip()).build();
    }
  }
}
