package dev.buildonce.builds;

import dev.buildonce.leases.Leases;
import dev.buildonce.logs.LogId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Rows of builds, attempts and logs as what they mean. */
final class BuildRows {
  /** The columns of a build, of its latest attempt and of its outcome: one or two rows a build. */
  static final String COLUMNS =
      """
      SELECT b.id, b.key, b.builder, b.params, b.input_digest, b.extras, b.title, b.tags, b.status, b.attempts,
        b.outcome, b.rebuild_at, b.rebuild_by, b.rebuild_why, b.again, b.revision, b.changed_at, clock_timestamp() AS read_at,
      """
          + attemptColumns();

  /** The same without what may be large. */
  static final String COLUMNS_WITHOUT_VALUE =
      COLUMNS.replace("a.value AS", "NULL AS").replace("a.failure_excerpt AS", "NULL AS");

  private static final JsonMapper JSON = JsonMapper.shared();

  private BuildRows() {}

  /** The columns of an attempt {@code a} and its log {@code l}. */
  static String attemptColumns() {
    return """
    a.id AS a_id, a.number AS a_number, a.log_id AS a_log_id, a.builder AS a_builder,
      a.builder_version AS a_builder_version, a.status AS a_status, a.reason AS a_reason,
      a.pending_reason AS a_pending_reason, a.requester AS a_requester, a.retry AS a_retry,
      a.queued_at AS a_queued_at, a.started_at AS a_started_at, a.finished_at AS a_finished_at,
      a.estimated_millis AS a_estimated_millis, a.exit_code AS a_exit_code, a.failure AS a_failure,
      a.failure_excerpt AS a_failure_excerpt, a.value AS a_value, a.next AS a_next, a.cancelled_at AS a_cancelled_at,
      CASE WHEN a.finished_at IS NULL
        THEN (SELECT ARRAY[w.priority, w.timeout_millis] FROM leases AS w WHERE w.attempt_id = a.id) END AS a_wishes,
      l.bytes AS l_bytes, l.newlines + l.open_line::integer AS l_lines, l.closed_at AS l_closed_at,
      l.removed_at AS l_removed_at
    """;
  }

  /** Reads builds in the order of their first rows; the rows of one stand together. */
  static List<Build> builds(ResultSet row) throws SQLException {
    List<Build> builds = new ArrayList<>();
    Build last = null;
    while (row.next()) {
      Attempt attempt = row.getObject("a_id") == null ? null : attempt(row);
      boolean more = last != null && last.id() == row.getLong("id");
      if (more) {
        builds.removeLast();
      }
      last = build(row, more ? last : null, attempt);
      builds.add(last);
    }
    return builds;
  }

  private static Build build(ResultSet row, @Nullable Build before, @Nullable Attempt attempt)
      throws SQLException {
    Integer outcomeNumber = integer(row, "outcome");
    Attempt latest = before == null ? null : before.attempt();
    Attempt outcome = before == null ? null : before.outcome();
    if (attempt != null && attempt.number() == row.getInt("attempts")) {
      latest = attempt;
    }
    if (attempt != null && Objects.equals(attempt.number(), outcomeNumber)) {
      outcome = attempt;
    }
    Instant rebuildAt = instant(row, "rebuild_at");
    return new Build(
        row.getLong("id"),
        new BuildKey(row.getString("key")),
        row.getString("builder"),
        map(row.getString("params")),
        row.getString("input_digest"),
        map(row.getString("extras")),
        row.getString("title"),
        strings(row.getArray("tags")),
        BuildStatus.of(row.getString("status")),
        rebuildAt == null
            ? null
            : new Build.RebuildRequest(
                row.getString("rebuild_by"), rebuildAt, row.getString("rebuild_why")),
        row.getBoolean("again"),
        longOf(row, "revision"),
        Objects.requireNonNull(instant(row, "changed_at")),
        latest,
        outcome,
        Objects.requireNonNull(instant(row, "read_at")));
  }

  /** Reads the columns of {@link #attemptColumns}. */
  static Attempt attempt(ResultSet row) throws SQLException {
    Long estimated = longOf(row, "a_estimated_millis");
    return new Attempt(
        row.getLong("a_id"),
        row.getInt("a_number"),
        new LogId(row.getLong("a_log_id")),
        row.getString("a_builder"),
        row.getString("a_builder_version"),
        AttemptStatus.of(row.getString("a_status")),
        Cause.of(row.getString("a_reason")),
        row.getString("a_pending_reason"),
        row.getString("a_requester"),
        row.getInt("a_retry"),
        Objects.requireNonNull(instant(row, "a_queued_at")),
        instant(row, "a_started_at"),
        instant(row, "a_finished_at"),
        estimated == null ? null : Duration.ofMillis(estimated),
        integer(row, "a_exit_code"),
        row.getString("a_failure"),
        excerpt(row.getString("a_failure_excerpt")),
        row.getString("a_value"),
        integer(row, "a_next"),
        instant(row, "a_cancelled_at"),
        wishes(row),
        new Attempt.Logged(
            row.getLong("l_bytes"),
            row.getLong("l_lines"),
            row.getObject("l_closed_at") != null,
            row.getObject("l_removed_at") != null));
  }

  private static @Nullable FailureExcerpt excerpt(@Nullable String json) {
    return json == null ? null : FailureExcerpt.of(json);
  }

  private static Leases.@Nullable Wishes wishes(ResultSet row) throws SQLException {
    Array wishes = row.getArray("a_wishes");
    if (wishes == null) {
      return null;
    }
    Long[] values = (Long[]) wishes.getArray();
    return new Leases.Wishes(values[0].intValue(), Duration.ofMillis(values[1]));
  }

  /** A map as a JSON object. */
  static String json(Map<String, String> map) {
    return JSON.writeValueAsString(map);
  }

  private static Map<String, String> map(String json) {
    return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
  }

  private static List<String> strings(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static @Nullable Integer integer(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? null : value;
  }

  private static @Nullable Long longOf(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}
