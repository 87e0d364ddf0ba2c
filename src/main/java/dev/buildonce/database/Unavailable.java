package dev.buildonce.database;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells trouble of the database, which passes, from mistakes of ours, which do not. */
public final class Unavailable {

  /**
   * Canceled for its time, no lock in time, deadlock and serialization: the same may work later.
   */
  private static final Set<String> PASSING = Set.of("57014", "55P03", "40001", "40P01", "25P03");

  /*
   * 08 connection, 53 out of disk, memory or connections, 57P shutting down or starting up, 58 the
   * system's input and output, XX internal error; 25006 a standby after a failover.
   */
  private static final Set<String> CLASSES = Set.of("08", "53", "58", "XX");

  private Unavailable() {}

  /**
   * Whether the database was away, stopping, overloaded or too slow: the caller may try again
   * later.
   *
   * @param failure as JDBC, a transaction manager or Spring's translation threw it
   */
  public static boolean isCauseOf(@Nullable Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 20; depth++, cause = cause.getCause()) {
      if (cause instanceof SQLException sql && isPassing(sql)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPassing(SQLException failure) {
    String state = failure.getSQLState();
    if (failure instanceof java.sql.SQLTransientException || state == null) {
      // Hikari's own: no connection in time, or the pool is closed.
      return failure instanceof java.sql.SQLTransientException;
    }
    return PASSING.contains(state)
        || state.equals("25006")
        || state.startsWith("57P")
        || (state.length() == 5 && CLASSES.contains(state.substring(0, 2)));
  }
}
