package dev.buildonce.chaos;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A mistake in the service that the checker has to find, made by changing what the service says to
 * its database. Only {@link PlantedService} has it, which is on no class path but that of tests.
 */
enum PlantedBug {
  /** Who lost an attempt to somebody else goes on with it. */
  NO_FENCE(" AND fence ") {
    @Override
    String planted(String sql) {
      return sql.replaceAll(" AND (fence <?= \\?)", " AND ($1 OR true)");
    }
  },
  /** An adopting service does not know where the stored log ends, and stores all again. */
  NO_ADOPTION_OFFSET("SELECT * FROM logs WHERE id = ?") {
    @Override
    String planted(String sql) {
      return sql.replace("SELECT *", "SELECT 0::bigint AS source_bytes, logs.*");
    }
  },
  /** The flag goes when an attempt starts, and not when it has an outcome. */
  FLAG_CLEARED_AT_START("UPDATE builds SET attempts = ?, status = 'queued'") {
    @Override
    String planted(String sql) {
      return sql.replace("status = 'queued'", "status = 'queued', rebuild_at = NULL");
    }
  },
  /** What is told is not durable yet. */
  TOLD_BEFORE_COMMIT("") {
    @Override
    void prepare(Connection connection) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute("SET synchronous_commit = off");
      }
    }
  };

  private final String text;

  PlantedBug(String text) {
    this.text = text;
  }

  /** Changes a statement that has the text. */
  String planted(String sql) {
    return sql;
  }

  /** Does something to each connection when it is handed out. */
  void prepare(Connection connection) throws SQLException {}

  private String change(String sql) {
    return !text.isEmpty() && sql.contains(text) ? planted(sql) : sql;
  }

  BeanPostProcessor planter() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return name.equals("dataSource") ? planted((DataSource) bean) : bean;
      }
    };
  }

  private DataSource planted(DataSource source) {
    return new DelegatingDataSource(source) {
      @Override
      public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        prepare(connection);
        return (Connection)
            Proxy.newProxyInstance(
                PlantedBug.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("prepareStatement")) {
                    arguments[0] = change((String) arguments[0]);
                  }
                  try {
                    return method.invoke(connection, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
      }
    };
  }
}
