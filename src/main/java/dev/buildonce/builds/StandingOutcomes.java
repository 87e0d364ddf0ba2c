package dev.buildonce.builds;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** All outcomes that stand, in pages that each say which revision they show. */
@Component
public final class StandingOutcomes {
  private final JdbcClient jdbc;

  StandingOutcomes(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * An outcome that stands.
   *
   * @param buildId its build's id
   * @param key its build's key
   * @param revision of the build's last published change
   * @param attempt whose outcome it is
   * @param status what it is
   * @param flagged whether it no longer answers
   */
  public record Outcome(
      long buildId,
      String key,
      long revision,
      int attempt,
      AttemptStatus status,
      boolean flagged) {}

  /**
   * Some of them.
   *
   * @param revision exactly what was published up to it is shown, as far as these builds go
   * @param last the id of the last build that was looked at: the next page begins behind it
   */
  public record Page(List<Outcome> outcomes, long revision, long last) {}

  /**
   * The outcomes of builds with ids behind {@code after}; the last page reaches to the end of ids.
   */
  public Page page(long after, int limit) {
    List<Outcome> outcomes = new ArrayList<>();
    // One statement sees one moment: the revision and the builds belong together.
    List<Long> revision =
        jdbc.sql(
                """
                SELECT r.revision AS as_of, b.* FROM revisions AS r LEFT JOIN
                  (SELECT b.id, b.key, coalesce(b.revision, 0) AS changed, o.number, o.status,
                     b.rebuild_at IS NOT NULL AS flagged
                   FROM builds AS b JOIN attempts AS o ON o.build_id = b.id AND o.number = b.outcome
                   WHERE b.id > :after AND b.deleted_at IS NULL
                   ORDER BY b.id LIMIT :limit) AS b ON true
                ORDER BY b.id
                """)
            .param("after", after)
            .param("limit", limit)
            .query(
                (row, _) -> {
                  if (row.getObject("id") != null) {
                    outcomes.add(
                        new Outcome(
                            row.getLong("id"),
                            Objects.requireNonNull(row.getString("key")),
                            row.getLong("changed"),
                            row.getInt("number"),
                            AttemptStatus.of(row.getString("status")),
                            row.getBoolean("flagged")));
                  }
                  return row.getLong("as_of");
                })
            .list();
    long last = outcomes.size() < limit ? Long.MAX_VALUE : outcomes.getLast().buildId();
    return new Page(outcomes, revision.getFirst(), last);
  }
}
