package dev.buildonce.builds;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What has to hold of the tables after every transaction, whatever was done at the same time. */
final class Invariants {
  private Invariants() {}

  /** A sentence for each row that breaks one. */
  static List<String> broken(JdbcClient jdbc) {
    return jdbc.sql(
            """
            WITH a AS (
              SELECT attempts.*, status IN ('queued', 'running') AS lives,
                status IN ('queued', 'running') AND cancelled_at IS NULL AS active,
                status IN ('succeeded', 'failed') AS outcome, leases.attempt_id IS NOT NULL AS leased
              FROM attempts LEFT JOIN leases ON attempt_id = attempts.id),
            s AS (
              SELECT build_id, max(number) AS latest, max(number) FILTER (WHERE outcome) AS latest_outcome,
                count(*) FILTER (WHERE active) AS actives, max(status) FILTER (WHERE active) AS active
              FROM a GROUP BY build_id),
            r AS (SELECT build_id, max(revision) AS latest_revision FROM changes GROUP BY build_id),
            b AS (
              SELECT builds.*, s.latest, s.latest_outcome, s.actives, s.active, r.latest_revision, o.status AS stands
              FROM builds LEFT JOIN s ON s.build_id = builds.id LEFT JOIN r ON r.build_id = builds.id
                LEFT JOIN a AS o ON o.build_id = builds.id AND o.number = builds.outcome),
            c AS (SELECT changes.*, lag(changed_at) OVER (ORDER BY revision) AS before FROM changes)

            SELECT 'two active attempts of ' || key FROM b WHERE actives > 1
            UNION ALL SELECT 'the outcome of ' || key || ' is no attempt that succeeded or failed' FROM b
            WHERE outcome IS NOT NULL AND coalesce(stands, '') NOT IN ('succeeded', 'failed')
            UNION ALL SELECT 'the outcome of ' || key || ' is not its latest' FROM b
            WHERE outcome IS DISTINCT FROM latest_outcome
            UNION ALL SELECT 'there is no outcome of ' || key || ' for its flag' FROM b
            WHERE rebuild_at IS NOT NULL AND outcome IS NULL
            UNION ALL SELECT 'nothing is active before what follows in ' || key FROM b
            WHERE again AND active IS NULL
            UNION ALL SELECT 'who wanted one more attempt of ' || key || ' is kept without it' FROM b
            WHERE again <> (again_at IS NOT NULL) OR (again_at IS NULL AND coalesce(again_by, again_why) IS NOT NULL)
            UNION ALL SELECT 'who flagged ' || key || ' is kept without it' FROM b
            WHERE rebuild_at IS NULL AND coalesce(rebuild_by, rebuild_why) IS NOT NULL
            UNION ALL SELECT key || ' says ' || status FROM b
            WHERE status <> coalesce(active, stands, 'unbuilt')
            UNION ALL SELECT key || ' counts ' || attempts || ' attempts' FROM b
            WHERE attempts < coalesce(latest, 0) OR deleted_at IS NULL AND attempts <> coalesce(latest, attempts)
            UNION ALL SELECT 'something is left of ' || key FROM b
            WHERE deleted_at IS NOT NULL
              AND (latest IS NOT NULL OR outcome IS NOT NULL OR rebuild_at IS NOT NULL OR again)
            UNION ALL SELECT 'attempt ' || number || ' of ' || build_id || ' is ' || status || ', leased: ' || leased
            FROM a WHERE lives <> leased
            UNION ALL SELECT 'the log of ' || status || ' attempt ' || number || ' of ' || build_id || ' closed at '
              || coalesce(closed_at::text, '-')
            FROM a JOIN logs ON logs.id = log_id WHERE lives <> (closed_at IS NULL)
            UNION ALL SELECT 'log ' || logs.id || ' is nobody''s'
            FROM logs LEFT JOIN a ON log_id = logs.id WHERE (a.id IS NULL) <> orphan
            UNION ALL SELECT 'attempt ' || number || ' of ' || build_id || ' is marked and ' || status
            FROM a WHERE NOT lives AND (status = 'cancelled') <> (cancelled_at IS NOT NULL)
            UNION ALL SELECT 'attempt ' || number || ' of ' || build_id || ' ended ' || status || ' without a reason'
            FROM a WHERE NOT lives AND status <> 'succeeded' AND failure IS NULL
            UNION ALL SELECT 'attempt ' || a.number || ' of ' || a.build_id || ' names no successor that retries it'
            FROM a LEFT JOIN a AS n ON n.build_id = a.build_id AND n.number = a.next AND n.reason = 'retry'
            WHERE a.next IS NOT NULL
              AND (a.status NOT IN ('lost', 'errored') OR n.number IS DISTINCT FROM a.number + 1)
            UNION ALL SELECT 'revision ' || revision || ' of ' || key || ' is out of order' FROM c
            WHERE changed_at < before
            UNION ALL SELECT 'revisions are not dense' FROM revisions
            WHERE revision <> (SELECT count(*) FROM changes)
              OR revision <> (SELECT coalesce(max(revision), 0) FROM changes)
            UNION ALL SELECT key || ' says revision ' || coalesce(revision, 0) FROM b
            WHERE revision IS DISTINCT FROM latest_revision
            UNION ALL SELECT 'attempt ' || attempt || ' of ' || key || ' ended ' || count(*) || ' times' FROM changes
            WHERE kind IN ('outcome', 'ended') GROUP BY key, attempt HAVING count(*) > 1
            UNION ALL SELECT 'no change tells the end of attempt ' || number || ' of ' || a.build_id
            FROM a LEFT JOIN changes ON changes.build_id = a.build_id AND attempt = a.number AND changes.status = a.status
              AND kind = CASE WHEN a.outcome THEN 'outcome' ELSE 'ended' END
            WHERE NOT lives AND revision IS NULL
            """)
        .query(String.class)
        .list();
  }
}
