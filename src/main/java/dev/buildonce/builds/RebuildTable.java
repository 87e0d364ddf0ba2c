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
  /** How many keys one statement looks at. */
  private static final int STRETCH = 20_000;

  private final JdbcClient jdbc;
  private final Revisions revisions;

  RebuildTable(JdbcClient jdbc, Revisions revisions) {
    this.jdbc = jdbc;
    this.revisions = revisions;
  }

  /** One build and what a request means for it. */
  record Flagged(long buildId, String key, String builder, Result result, boolean active) {}

  /**
   * A stretch of keys: few enough that a statement over them is quick, also if next to none of them
   * is selected.
   *
   * @param keys those among them that are named, or null if keys are not what selects
   * @param after behind this key
   * @param last up to this key, or null for all
   */
  record Stretch(@Nullable List<String> keys, String after, @Nullable String last) {}

  /**
   * Some of the selected builds.
   *
   * @param stretch where they were looked for
   * @param full whether the stretch may hold more of them
   */
  record Piece(List<Flagged> builds, Stretch stretch, boolean full) {}

  /** The stretch that begins behind a key. */
  Stretch stretch(Rebuilds.Selection selection, String after) {
    if (selection.keys() != null) {
      List<String> keys =
          selection.keys().stream()
              .filter(key -> key.compareTo(after) > 0)
              .sorted()
              .limit(Rebuilds.PIECE + 1L)
              .toList();
      return keys.size() <= Rebuilds.PIECE
          ? new Stretch(keys, after, null)
          : new Stretch(keys.subList(0, Rebuilds.PIECE), after, keys.get(Rebuilds.PIECE - 1));
    }
    Map<String, Object> params = new HashMap<>();
    String last =
        jdbc.sql(
                "SELECT key FROM builds AS b WHERE "
                    + String.join(" AND ", range(selection, after, params))
                    + " ORDER BY key OFFSET :stretch LIMIT 1")
            .params(params)
            .param("stretch", STRETCH)
            .query(String.class)
            .optional()
            .orElse(null);
    return new Stretch(null, after, last);
  }

  /** What is left to look at behind a piece, or null if there is nothing. */
  @Nullable Stretch rest(Rebuilds.Selection selection, Piece piece) {
    Stretch stretch = piece.stretch();
    if (piece.full()) {
      return new Stretch(stretch.keys(), piece.builds().getLast().key(), stretch.last());
    }
    return stretch.last() == null ? null : stretch(selection, stretch.last());
  }

  /** The next piece of a stretch, as it stands: nothing is locked or changed. */
  Piece look(Rebuilds.Selection selection, boolean again, Stretch stretch, int most) {
    return select(selection, again, stretch, most, "");
  }

  /**
   * Flags the next piece of a stretch, in the caller's transaction. The rows are locked in the
   * order of their keys, and judged as they are under the lock.
   */
  Piece flag(Rebuilds.Selection selection, Rebuilds.Wish wish, Stretch stretch, int most) {
    Piece piece = select(selection, wish.again(), stretch, most, "FOR UPDATE OF b");
    if (wish.again()) {
      want(piece.builds(), wish);
    }
    List<Flagged> flagged =
        piece.builds().stream().filter(build -> build.result() == Result.FLAGGED).toList();
    if (!flagged.isEmpty()) {
      flag(flagged, wish);
    }
    return piece;
  }

  private Piece select(
      Rebuilds.Selection selection, boolean again, Stretch stretch, int most, String lock) {
    Map<String, Object> params = new HashMap<>();
    String where = String.join(" AND ", where(selection, stretch, params));
    List<Flagged> builds =
        jdbc.sql(
                """
                SELECT b.id, b.key, b.builder, b.outcome IS NOT NULL AS built, b.rebuild_at IS NOT NULL AS flagged,
                  b.status IN ('queued', 'running') AS active
                FROM builds AS b\s"""
                    + (ofOutcome(selection)
                        ? "JOIN attempts AS o ON o.build_id = b.id AND o.number = b.outcome "
                        : "")
                    + "WHERE b.deleted_at IS NULL AND "
                    + where
                    + " ORDER BY b.key LIMIT :most "
                    + lock)
            .params(params)
            .param("most", most)
            .query(
                (row, _) -> {
                  boolean active = row.getBoolean("active");
                  return new Flagged(
                      row.getLong("id"),
                      row.getString("key"),
                      row.getString("builder"),
                      result(row.getBoolean("built"), row.getBoolean("flagged"), active, again),
                      active);
                })
            .list();
    return new Piece(builds, stretch, builds.size() == most);
  }

  /** Whether the outcome that stands has to be looked at: that is half of the work. */
  private static boolean ofOutcome(Rebuilds.Selection selection) {
    return selection.builderVersion() != null
        || selection.status() != null
        || selection.finishedAfter() != null
        || selection.finishedBefore() != null;
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

  /**
   * Keys behind one, and of a prefix in words that need no knowledge of its letters to use the
   * index.
   */
  private static List<String> range(
      Rebuilds.Selection selection, String after, Map<String, Object> params) {
    List<String> conditions = new ArrayList<>();
    conditions.add("b.key > :after");
    params.put("after", after);
    String prefix = selection.prefix();
    if (prefix != null) {
      conditions.add("b.key >= :prefix AND b.key < :end");
      params.put("prefix", prefix);
      params.put("end", prefix + '\uffff');
    }
    return conditions;
  }

  private static List<String> where(
      Rebuilds.Selection selection, Stretch stretch, Map<String, Object> params) {
    List<String> conditions = range(selection, stretch.after(), params);
    if (stretch.last() != null) {
      conditions.add("b.key <= :last");
      params.put("last", stretch.last());
    }
    if (stretch.keys() != null) {
      conditions.add("b.key = ANY (CAST(:keys AS text[]))");
      params.put("keys", stretch.keys().toArray(String[]::new));
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
    return conditions;
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
            UPDATE builds SET again = true, again_at = clock_timestamp(), again_by = :by, again_why = :why
            WHERE id = ANY (:ids) AND NOT again
            """)
        .param("ids", active)
        .param("by", wish.by())
        .param("why", wish.why())
        .update();
  }

  private void flag(List<Flagged> flagged, Rebuilds.Wish wish) {
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
            UPDATE builds SET rebuild_at = clock_timestamp(), rebuild_by = :by, rebuild_why = :why,
              changed_at = clock_timestamp(), revision = :first + numbered.place - 1
            FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS numbered(id, place)
            WHERE builds.id = numbered.id
            """)
        .param("first", first)
        .param("ids", flagged.stream().map(Flagged::buildId).toArray(Long[]::new))
        .param("by", wish.by())
        .param("why", wish.why())
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
