package dev.buildonce.revisions;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Numbers published changes. The numbers are dense and in commit order because the one counter row
 * stays locked from {@link #publish} to the commit; so publish late, and lock nothing new after it.
 */
@Component
public final class Revisions {
  private final JdbcClient jdbc;

  Revisions(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Takes a revision for each change and keeps them, in the caller's transaction.
   *
   * @return the revision of the first; the others follow without gap
   */
  public long publish(List<Change> changes) {
    long last =
        jdbc.sql("UPDATE revisions SET revision = revision + :n RETURNING revision")
            .param("n", changes.size())
            .query(Long.class)
            .single();
    long revision = last - changes.size();
    for (Change change : changes) {
      jdbc.sql(
              """
              INSERT INTO changes (revision, build_id, key, kind, attempt, status)
              VALUES (:revision, :build, :key, :kind, :attempt, :status)
              """)
          .param("revision", ++revision)
          .param("build", change.buildId())
          .param("key", change.key())
          .param("kind", change.kind().word())
          .param("attempt", change.attempt())
          .param("status", change.status())
          .update();
    }
    return last - changes.size() + 1;
  }

  /** The revision of the latest published change, 0 before the first. */
  public long current() {
    return jdbc.sql("SELECT revision FROM revisions").query(Long.class).single();
  }
}
