package dev.buildonce.logs;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Loses the answer to a commit, before or after it was carried out, or is away altogether. An
 * update outside a transaction is one by itself.
 */
public final class UnsureDataSource extends DelegatingDataSource {

  enum Fate {
    COMMITTED,
    ROLLED_BACK
  }

  private volatile @Nullable Fate next;
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger refusals = new AtomicInteger();

  public UnsureDataSource(DataSource database) {
    super(database);
  }

  void nextCommit(Fate fate) {
    next = fate;
  }

  /** Whether no connection can be had. */
  public void away(boolean now) {
    left.set(now ? 0 : Integer.MAX_VALUE);
  }

  /** After so many connections more, none can be had. */
  public void awayAfter(int connections) {
    left.set(connections);
  }

  /** How many connections were refused so far. */
  int refusals() {
    return refusals.get();
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (left.getAndUpdate(count -> Math.max(0, count - 1)) == 0) {
      refusals.incrementAndGet();
      throw new SQLTransientConnectionException("The database is away", "08001");
    }
    return unsure(Connection.class, super.getConnection(), this::isCommit);
  }

  private boolean isCommit(Object on, Method method) throws SQLException {
    return switch (on) {
      case Connection _ -> method.getName().equals("commit");
      case PreparedStatement update ->
          method.getName().equals("executeUpdate") && update.getConnection().getAutoCommit();
      default -> false;
    };
  }

  private interface Commit {
    boolean isOne(Object on, Method method) throws SQLException;
  }

  private <T> T unsure(Class<T> type, T real, Commit commit) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Fate fate = commit.isOne(real, method) ? next : null;
              Object answer = null;
              if (fate != Fate.ROLLED_BACK) {
                try {
                  answer = method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              } else if (real instanceof Connection connection) {
                connection.rollback();
              }
              if (fate != null) {
                next = null;
                throw new SQLRecoverableException("The connection was lost in a commit", "08006");
              }
              return answer instanceof PreparedStatement statement
                  ? unsure(PreparedStatement.class, statement, commit)
                  : answer;
            }));
  }
}
