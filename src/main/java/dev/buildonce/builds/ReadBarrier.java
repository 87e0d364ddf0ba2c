package dev.buildonce.builds;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The small read that says what has to be known before memory may answer. */
@Component
class ReadBarrier {
  private final JdbcClient jdbc;

  ReadBarrier(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Where everything stood in one moment.
   *
   * @param epoch in which revisions are counted
   * @param revision of the latest change
   * @param edits how often something was changed that is no change to readers
   * @param at the database's time
   * @param beside those of the builds that were asked about that have an attempt under way beside
   *     their outcome
   */
  record Seen(UUID epoch, long revision, long edits, Instant at, Set<Long> beside) {}

  /** Looks now, for these builds. */
  Seen look(Collection<Long> builds) {
    return jdbc.sql(
            """
            SELECT epoch, revision, edits, clock_timestamp() AS at, ARRAY(
                SELECT build_id FROM attempts
                WHERE build_id = ANY (:builds) AND finished_at IS NULL
                  AND reason IN ('expired', 'builder-changed', 'too-old')) AS beside
            FROM revisions
            """)
        .param("builds", builds.toArray(Long[]::new))
        .query(ReadBarrier::seen)
        .single();
  }

  private static Seen seen(ResultSet row, int number) throws SQLException {
    return new Seen(
        row.getObject("epoch", UUID.class),
        row.getLong("revision"),
        row.getLong("edits"),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        ids(row.getArray("beside")));
  }

  private static Set<Long> ids(Array array) throws SQLException {
    // A build may have two: one that was taken back and has not ended, and its successor.
    return Set.copyOf(List.of((Long[]) array.getArray()));
  }

  /** Notes a change that is none to readers; the last lock of the caller's transaction. */
  void edited() {
    jdbc.sql("UPDATE revisions SET edits = edits + 1").update();
  }
}
