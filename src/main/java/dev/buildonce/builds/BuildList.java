package dev.buildonce.builds;

import dev.buildonce.revisions.Revisions;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Builds in pages, those that changed last first. */
@Component
public final class BuildList {
  private final JdbcClient jdbc;
  private final Revisions revisions;

  BuildList(JdbcClient jdbc, Revisions revisions) {
    this.jdbc = jdbc;
    this.revisions = revisions;
  }

  /**
   * What has to hold for a build; null and empty hold for all.
   *
   * @param prefix of the key, literally
   * @param builder its name
   * @param status where it stands
   * @param tags all of them
   * @param requester of the latest attempt
   * @param rebuildRequested whether its outcome is flagged
   */
  public record Filter(
      @Nullable String prefix,
      @Nullable String builder,
      @Nullable BuildStatus status,
      List<String> tags,
      @Nullable String requester,
      @Nullable Boolean rebuildRequested) {}

  /** Where a page ended: the next begins behind it. */
  public record Cursor(Instant changedAt, long id) {
    /** The cursor as clients see it. */
    public String text() {
      ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
      bytes.putLong(ChronoUnit.MICROS.between(Instant.EPOCH, changedAt)).putLong(id);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /**
     * Reads {@link #text()}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Cursor of(String text) {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      if (bytes.length != 2 * Long.BYTES) {
        throw new IllegalArgumentException("A cursor has 16 bytes");
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      long micros = buffer.getLong();
      // Beyond these years Postgres has no timestamps.
      if (Math.abs(micros) > 4_000_000_000_000_000L) {
        throw new IllegalArgumentException("A cursor names a time");
      }
      return new Cursor(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), buffer.getLong());
    }
  }

  /**
   * Some builds.
   *
   * @param builds without the values of their attempts
   * @param next where the next page begins, or null if this is the last
   * @param revision of the latest change when the page was read; the page holds at least that
   */
  public record Page(List<Build> builds, @Nullable Cursor next, long revision) {}

  /** The builds behind {@code cursor} that a filter lets through, at most {@code limit}. */
  public Page page(Filter filter, @Nullable Cursor cursor, int limit) {
    Map<String, Object> params = new LinkedHashMap<>();
    String where = where(filter, cursor, params);
    params.put("limit", limit + 1);
    long revision = revisions.current();
    List<Build> builds =
        jdbc.sql(
                BuildRows.COLUMNS_WITHOUT_VALUE
                    + " FROM (SELECT * FROM builds WHERE deleted_at IS NULL"
                    + where
                    + " ORDER BY changed_at DESC, id DESC LIMIT "
                    + (isPlannedOnce(filter) ? limit + 1 : ":limit")
                    + """
                    ) AS b
                    LEFT JOIN attempts AS a ON a.build_id = b.id AND a.number = ANY (ARRAY[b.attempts, b.outcome])
                    LEFT JOIN logs AS l ON l.id = a.log_id
                    ORDER BY b.changed_at DESC, b.id DESC
                    """)
            .params(params)
            .query(BuildRows::builds);
    if (builds.size() <= limit) {
      return new Page(builds, null, revision);
    }
    builds.removeLast();
    Build last = builds.getLast();
    return new Page(builds, new Cursor(last.changedAt(), last.id()), revision);
  }

  /**
   * Whether one plan is right for all values, and is to be kept: to plan takes a third of a page's
   * time. Postgres keeps one where it knows how few rows are wanted; with a parameter for that it
   * expects many, and plans anew for the values. That is as it must be where a thousand builds may
   * have a value or none: a walk by time until twenty are found would go through all of them.
   */
  private static boolean isPlannedOnce(Filter filter) {
    return filter.prefix() == null
        && filter.builder() == null
        && filter.status() == null
        && filter.requester() == null
        && filter.tags().isEmpty();
  }

  /**
   * A text that is another one after any change that a page shows. It names the latest builds and
   * not just the last change: one that is committed late has an earlier time than others.
   */
  public String stamp() {
    return jdbc.sql(
            """
            SELECT revision || ' ' || coalesce((
              SELECT md5(string_agg(id || '@' || extract(epoch FROM changed_at), ','))
              FROM (SELECT id, changed_at FROM builds WHERE deleted_at IS NULL
                    ORDER BY changed_at DESC, id DESC LIMIT 100) AS latest), '')
            FROM revisions
            """)
        .query(String.class)
        .single();
  }

  /** A text that LIKE takes by its letters. */
  static String literal(String text) {
    return text.replaceAll("([\\\\%_])", "\\\\$1");
  }

  private static String where(Filter filter, @Nullable Cursor cursor, Map<String, Object> params) {
    List<String> conditions = new ArrayList<>();
    if (filter.prefix() != null) {
      conditions.add("key LIKE :prefix");
      params.put("prefix", literal(filter.prefix()) + "%");
    }
    if (filter.builder() != null) {
      conditions.add("builder = :builder");
      params.put("builder", filter.builder());
    }
    if (filter.status() != null) {
      conditions.add("status = :status");
      params.put("status", filter.status().word());
    }
    if (!filter.tags().isEmpty()) {
      conditions.add("tags @> CAST(:tags AS text[])");
      params.put("tags", filter.tags().toArray(String[]::new));
    }
    if (filter.requester() != null) {
      conditions.add("requester = :requester");
      params.put("requester", filter.requester());
    }
    if (filter.rebuildRequested() != null) {
      conditions.add(filter.rebuildRequested() ? "rebuild_at IS NOT NULL" : "rebuild_at IS NULL");
    }
    if (cursor != null) {
      conditions.add("(changed_at, id) < (:changedAt, :id)");
      params.put("changedAt", cursor.changedAt().atOffset(ZoneOffset.UTC));
      params.put("id", cursor.id());
    }
    StringBuilder where = new StringBuilder();
    conditions.forEach(condition -> where.append(" AND ").append(condition));
    return where.toString();
  }
}
