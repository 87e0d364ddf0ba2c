package dev.buildonce.builds;

import dev.buildonce.builds.Rebuilds.Result;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The statements of rebuild requests, a piece of builds at a time, in the order of their keys. */
@Component
class RebuildTable {
  private final JdbcClient jdbc;
  private final Revisions revisions;

  RebuildTable(JdbcClient jdbc, Revisions revisions) {
    this.jdbc = jdbc;
    this.revisions = revisions;
  }

  /** One build and what a request means for it. */
  record Flagged(long buildId, String key, Result result, boolean active) {}

  /** The next piece behind a key, as it stands: nothing is locked or changed. */
  List<Flagged> look(Rebuilds.Selection selection, boolean again, @Nullable String after) {
    return select(selection, again, after, "");
  }

  /**
   * Flags the next piece behind a key, in the caller's transaction. The rows are locked in the
   * order of their keys, and judged as they are under the lock.
   */
  List<Flagged> flag(Rebuilds.Selection selection, Rebuilds.Wish wish, @Nullable String after) {
    List<Flagged> piece = select(selection, wish.again(), after, "FOR UPDATE OF b");
    if (wish.again()) {
      want(piece, wish);
    }
    List<Flagged> flagged =
        piece.stream().filter(build -> build.result() == Result.FLAGGED).toList();
    if (!flagged.isEmpty()) {
      flag(flagged, wish);
    }
    return piece;
  }

  private List<Flagged> select(
      Rebuilds.Selection selection, boolean again, @Nullable String after, String lock) {
    Map<String, Object> params = new HashMap<>();
    String where = where(selection, after, params);
    return jdbc.sql(
            """
            SELECT b.id, b.key, b.outcome IS NOT NULL AS built, b.rebuild_at IS NOT NULL AS flagged,
              b.status IN ('queued', 'running') AS active
            FROM builds AS b LEFT JOIN attempts AS o ON o.build_id = b.id AND o.number = b.outcome
            WHERE b.deleted_at IS NULL
            """
                + where
                + " ORDER BY b.key LIMIT "
                + Rebuilds.PIECE
                + " "
                + lock)
        .params(params)
        .query(
            (row, _) -> {
              boolean active = row.getBoolean("active");
              return new Flagged(
                  row.getLong("id"),
                  row.getString("key"),
                  result(row.getBoolean("built"), row.getBoolean("flagged"), active, again),
                  active);
            })
        .list();
  }

  private static Result result(boolean built, boolean flagged, boolean active, boolean again) {
    if (built && !flagged) {
      return Result.FLAGGED;
    }
    if (active) {
      return again ? Result.QUEUED_AFTER : Result.BUILDING;
    }
    return built ? Result.ALREADY_FLAGGED : Result.UNBUILT;
  }

  private static String where(
      Rebuilds.Selection selection, @Nullable String after, Map<String, Object> params) {
    List<String> conditions = new ArrayList<>();
    if (after != null) {
      conditions.add("b.key > :after");
      params.put("after", after);
    }
    if (selection.keys() != null) {
      conditions.add("b.key = ANY (CAST(:keys AS text[]))");
      params.put("keys", selection.keys().toArray(String[]::new));
    }
    if (selection.prefix() != null) {
      conditions.add("b.key LIKE :prefix");
      params.put("prefix", BuildList.literal(selection.prefix()) + "%");
    }
    if (selection.builder() != null) {
      conditions.add("b.builder = :builder");
      params.put("builder", selection.builder());
    }
    if (selection.builderVersion() != null) {
      conditions.add("o.builder_version = :version");
      params.put("version", selection.builderVersion());
    }
    if (selection.status() != null) {
      conditions.add("o.status = :status");
      params.put("status", selection.status().word());
    }
    if (selection.tag() != null) {
      conditions.add("b.tags @> ARRAY[:tag]::text[]");
      params.put("tag", selection.tag());
    }
    if (selection.finishedAfter() != null) {
      conditions.add("o.finished_at > :finishedAfter");
      params.put("finishedAfter", selection.finishedAfter().atOffset(ZoneOffset.UTC));
    }
    if (selection.finishedBefore() != null) {
      conditions.add("o.finished_at < :finishedBefore");
      params.put("finishedBefore", selection.finishedBefore().atOffset(ZoneOffset.UTC));
    }
    StringBuilder where = new StringBuilder();
    conditions.forEach(condition -> where.append(" AND ").append(condition));
    return where.toString();
  }

  /** Has one more attempt follow each active one, and keeps who wanted it until its flag is due. */
  private void want(List<Flagged> piece, Rebuilds.Wish wish) {
    Long[] active =
        piece.stream().filter(Flagged::active).map(Flagged::buildId).toArray(Long[]::new);
    if (active.length == 0) {
      return;
    }
    jdbc.sql(
            """
            UPDATE builds SET again = true,
              rebuild_by = CASE WHEN rebuild_at IS NULL THEN :by ELSE rebuild_by END,
              rebuild_why = CASE WHEN rebuild_at IS NULL THEN :why ELSE rebuild_why END
            WHERE id = ANY (:ids) AND NOT again
            """)
        .param("ids", active)
        .param("by", wish.by())
        .param("why", wish.why())
        .update();
  }

  private void flag(List<Flagged> flagged, Rebuilds.Wish wish) {
    Long[] ids = flagged.stream().map(Flagged::buildId).toArray(Long[]::new);
    jdbc.sql(
            """
            UPDATE builds SET rebuild_at = clock_timestamp(), rebuild_by = :by, rebuild_why = :why,
              changed_at = clock_timestamp()
            WHERE id = ANY (:ids)
            """)
        .param("ids", ids)
        .param("by", wish.by())
        .param("why", wish.why())
        .update();
    long first =
        revisions.publish(
            flagged.stream()
                .map(
                    build ->
                        new Change(
                            build.buildId(),
                            build.key(),
                            Change.Kind.REBUILD_REQUESTED,
                            null,
                            null))
                .toList());
    jdbc.sql(
            """
            UPDATE builds SET revision = :first + numbered.place - 1
            FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS numbered(id, place)
            WHERE builds.id = numbered.id
            """)
        .param("first", first)
        .param("ids", ids)
        .update();
  }

  /** Those among some keys of which nothing is known. */
  Collection<String> unknown(Collection<String> keys) {
    TreeSet<String> unknown = new TreeSet<>(keys);
    if (!unknown.isEmpty()) {
      jdbc.sql(
              "SELECT key FROM builds WHERE deleted_at IS NULL AND key = ANY (CAST(:keys AS text[]))")
          .param("keys", keys.toArray(String[]::new))
          .query(String.class)
          .list()
          .forEach(unknown::remove);
    }
    return unknown;
  }
}
