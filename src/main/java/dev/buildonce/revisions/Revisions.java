package dev.buildonce.revisions;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
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
    long first = last - changes.size() + 1;
    jdbc.sql(
            """
            INSERT INTO changes (revision, build_id, key, kind, attempt, status)
            SELECT :first + place - 1, build_id, key, kind, attempt, status
            FROM unnest(CAST(:builds AS bigint[]), CAST(:keys AS text[]), CAST(:kinds AS text[]),
              CAST(:attempts AS integer[]), CAST(:statuses AS text[]))
              WITH ORDINALITY AS change(build_id, key, kind, attempt, status, place)
            """)
        .param("first", first)
        .param("builds", changes.stream().map(Change::buildId).toArray(Long[]::new))
        .param("keys", changes.stream().map(Change::key).toArray(String[]::new))
        .param("kinds", changes.stream().map(change -> change.kind().word()).toArray(String[]::new))
        .param("attempts", changes.stream().map(Change::attempt).toArray(Integer[]::new))
        .param("statuses", changes.stream().map(Change::status).toArray(String[]::new))
        .update();
    return first;
  }

  /**
   * Forgets some of the changes that are older than {@code keep}, the oldest first, so that what is
   * kept has no gap; one replica at a time. In the caller's transaction.
   *
   * @return how many it forgot, 0 if there was nothing to do here
   */
  public int forget(Duration keep) {
    boolean alone =
        jdbc.sql("SELECT pg_try_advisory_xact_lock(hashtext('buildonce changes'))")
            .query(Boolean.class)
            .single();
    return !alone
        ? 0
        : jdbc.sql(
                """
                DELETE FROM changes WHERE revision <= (
                  SELECT max(revision) FROM (
                    SELECT revision FROM changes
                    WHERE changed_at < clock_timestamp() - make_interval(secs => :keep)
                    ORDER BY changed_at LIMIT 1000) AS old)
                """)
            .param("keep", keep.toMillis() / 1000.0)
            .update();
  }

  /** The revision of the latest published change, 0 before the first. */
  public long current() {
    return jdbc.sql("SELECT revision FROM revisions").query(Long.class).single();
  }

  /**
   * What is published.
   *
   * @param epoch in which revisions are counted
   * @param revision of the latest change, 0 before the first
   * @param oldest who has seen everything up to this revision can go on: all later changes are kept
   */
  public record Head(UUID epoch, long revision, long oldest) {}

  /** What is published now. */
  public Head head() {
    return jdbc.sql(
            """
            SELECT epoch, revision, coalesce((SELECT min(revision) - 1 FROM changes), revision) AS oldest
            FROM revisions
            """)
        .query(
            (row, _) ->
                new Head(
                    row.getObject("epoch", UUID.class),
                    row.getLong("revision"),
                    row.getLong("oldest")))
        .single();
  }

  /** A change with its revision. */
  public record Published(long revision, Change change) {}

  /**
   * The changes that follow a revision, in order, without gap, at most {@code limit}; empty if
   * there are none yet, or if the next one is no longer kept.
   */
  public List<Published> after(long revision, int limit) {
    List<Published> kept =
        jdbc.sql(
                """
                SELECT revision, build_id, key, kind, attempt, status FROM changes
                WHERE revision > :after ORDER BY revision LIMIT :limit
                """)
            .param("after", revision)
            .param("limit", limit)
            .query(
                (row, _) ->
                    new Published(
                        row.getLong("revision"),
                        new Change(
                            row.getLong("build_id"),
                            row.getString("key"),
                            Change.Kind.of(row.getString("kind")),
                            row.getObject("attempt", Integer.class),
                            row.getString("status"))))
            .list();
    int dense = 0;
    while (dense < kept.size() && kept.get(dense).revision() == revision + dense + 1) {
      dense++;
    }
    return kept.subList(0, dense);
  }
}
