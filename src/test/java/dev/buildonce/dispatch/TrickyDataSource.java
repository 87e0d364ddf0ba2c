package dev.buildonce.dispatch;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Loses the answer to a statement, or its transaction, that was carried out; or acts before one.
 */
final class TrickyDataSource extends DelegatingDataSource {

  private record Trap(String sql, @Nullable Runnable before) {}

  private final AtomicReference<@Nullable Trap> trap = new AtomicReference<>();

  TrickyDataSource(DataSource database) {
    super(database);
  }

  /** Has the next statement with this text, or the commit after it, seem to have failed. */
  void loseAnswerTo(String sql) {
    trap.set(new Trap(sql, null));
  }

  /** Has something happen just before the next statement with this text. */
  void before(String sql, Runnable action) {
    trap.set(new Trap(sql, action));
  }

  /** Whether what was set has not happened yet. */
  boolean isArmed() {
    return trap.get() != null;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    boolean[] losing = new boolean[1];
    return proxy(
        Connection.class,
        connection,
        (method, arguments) -> {
          Object answer = invoke(method, connection, arguments);
          Trap sprung =
              method.getName().equals("prepareStatement")
                  ? sprung(String.valueOf(arguments[0]))
                  : null;
          if (sprung != null) {
            losing[0] = !connection.getAutoCommit();
            return losing[0] ? answer : forgetful((PreparedStatement) answer, sprung);
          }
          if (method.getName().equals("commit") && losing[0]) {
            throw lost();
          }
          return answer;
        });
  }

  /** The trap if the answer to this statement is to be lost. */
  private @Nullable Trap sprung(String sql) {
    Trap set = trap.get();
    if (set == null || !sql.contains(set.sql()) || !trap.compareAndSet(set, null)) {
      return null;
    }
    if (set.before() == null) {
      return set;
    }
    set.before().run();
    return null;
  }

  private PreparedStatement forgetful(PreparedStatement statement, Trap sprung) {
    return proxy(
        PreparedStatement.class,
        statement,
        (method, arguments) -> {
          Object answer = invoke(method, statement, arguments);
          if (method.getName().startsWith("execute")) {
            if (answer instanceof ResultSet rows && !rows.isBeforeFirst()) {
              trap.set(sprung); // no rows: the loss would change nothing
              return answer;
            }
            throw lost();
          }
          return answer;
        });
  }

  private static SQLException lost() {
    return new SQLRecoverableException("The connection was lost", "08006");
  }

  private interface Call {
    @Nullable Object on(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T target, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            target.getClass().getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> call.on(method, arguments)));
  }

  private static @Nullable Object invoke(Method method, Object target, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
