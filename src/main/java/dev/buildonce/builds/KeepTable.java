package dev.buildonce.builds;

import dev.buildonce.logs.LogId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The statements of retention on builds and attempts, a few keys at a time. Rows are locked in the
 * order of their keys, and one that somebody else has locked is left alone: it is in use.
 */
@Component
class KeepTable {
  /** Keys that one transaction changes. */
  static final int KEYS = 50;

  private static final int ATTEMPTS = 500;

  private final JdbcClient jdbc;

  KeepTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The highest id of a build. */
  long last() {
    return jdbc.sql("SELECT coalesce(max(id), 0) FROM builds").query(Long.class).single();
  }

  /**
   * Notes that builds were of use, unless that was noted an hour ago; names their standing logs.
   */
  List<LogId> used(Collection<Long> ids) {
    return jdbc.sql(
            """
            WITH used AS (
              UPDATE builds SET used_at = clock_timestamp() WHERE id IN (
                SELECT id FROM builds
                WHERE id = ANY (:ids) AND used_at < clock_timestamp() - interval '1 hour'
                ORDER BY key FOR UPDATE SKIP LOCKED)
              RETURNING id, outcome)
            SELECT log_id FROM used JOIN attempts ON build_id = used.id AND number = outcome
            """)
        .param("ids", ids.toArray(Long[]::new))
        .query((row, _) -> new LogId(row.getLong("log_id")))
        .list();
  }

  /** A key that nobody asked for in a long time. */
  record Unused(long id, String key) {}

  /** Locks some of the builds of a stretch of ids that were of no use for so long. */
  List<Unused> lockUnused(long after, long last, Duration unused) {
    return jdbc.sql(
            """
            SELECT id, key FROM builds
            WHERE id > :after AND id <= :last AND deleted_at IS NULL
              AND used_at < clock_timestamp() - make_interval(secs => :unused)
              AND NOT EXISTS (SELECT 1 FROM leases WHERE build_id = builds.id)
            ORDER BY key LIMIT :keys FOR UPDATE SKIP LOCKED
            """)
        .param("after", after)
        .param("last", last)
        .param("unused", unused.toMillis() / 1000.0)
        .param("keys", KEYS)
        .query((row, _) -> new Unused(row.getLong("id"), row.getString("key")))
        .list();
  }

  /** Removes all attempts of builds and names their logs, which are nobody's now. */
  List<LogId> removeAttempts(Collection<Long> builds) {
    return jdbc.sql("DELETE FROM attempts WHERE build_id = ANY (:builds) RETURNING log_id")
        .param("builds", builds.toArray(Long[]::new))
        .query((row, _) -> new LogId(row.getLong("log_id")))
        .list();
  }

  /** Locks some of the builds of a stretch of ids that have more ended attempts than are kept. */
  List<Long> lockLong(long after, long last, int keep) {
    return jdbc.sql(
            """
            SELECT id FROM builds
            WHERE id > :after AND id <= :last AND deleted_at IS NULL AND attempts > :keep
              AND EXISTS (
                SELECT 1 FROM attempts AS a
                WHERE a.build_id = builds.id AND a.number <= builds.attempts - :keep
                  AND a.number IS DISTINCT FROM builds.outcome AND a.finished_at IS NOT NULL)
            ORDER BY key LIMIT :keys FOR UPDATE SKIP LOCKED
            """)
        .param("after", after)
        .param("last", last)
        .param("keep", keep)
        .param("keys", KEYS)
        .query((row, _) -> row.getLong("id"))
        .list();
  }

  /** Removes ended attempts of locked builds but the newest and that whose outcome stands. */
  List<LogId> removeOld(Collection<Long> builds, int keep) {
    return jdbc.sql(
            """
            DELETE FROM attempts WHERE id IN (
              SELECT a.id FROM builds JOIN attempts AS a ON a.build_id = builds.id
              WHERE builds.id = ANY (:builds) AND a.number <= builds.attempts - :keep
                AND a.number IS DISTINCT FROM builds.outcome AND a.finished_at IS NOT NULL
              ORDER BY a.build_id, a.number LIMIT :attempts)
            RETURNING log_id
            """)
        .param("builds", builds.toArray(Long[]::new))
        .param("keep", keep)
        .param("attempts", ATTEMPTS)
        .query((row, _) -> new LogId(row.getLong("log_id")))
        .list();
  }
}
