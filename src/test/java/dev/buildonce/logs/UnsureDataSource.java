package dev.buildonce.logs;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Loses the answer to a commit, before or after it was carried out, or is away altogether. */
final class UnsureDataSource extends DelegatingDataSource {

  enum Fate {
    COMMITTED,
    ROLLED_BACK
  }

  private volatile @Nullable Fate next;
  private volatile boolean away;

  UnsureDataSource(DataSource database) {
    super(database);
  }

  void nextCommit(Fate fate) {
    next = fate;
  }

  /** Whether no connection can be had. */
  void away(boolean now) {
    away = now;
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (away) {
      throw new SQLTransientConnectionException("The database is away", "08001");
    }
    Connection connection = super.getConnection();
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Fate fate = method.getName().equals("commit") ? next : null;
              try {
                if (fate != Fate.ROLLED_BACK) {
                  Object answer = method.invoke(connection, arguments);
                  if (fate == null) {
                    return answer;
                  }
                } else {
                  connection.rollback();
                }
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              next = null;
              throw new SQLRecoverableException("The connection was lost during commit", "08006");
            });
  }
}
