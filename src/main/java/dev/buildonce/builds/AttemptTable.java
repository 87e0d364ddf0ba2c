package dev.buildonce.builds;

import dev.buildonce.logs.LogId;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The rows of attempts. */
@Component
class AttemptTable {
  private static final String READ =
      "SELECT "
          + BuildRows.attemptColumns()
          + "FROM attempts AS a LEFT JOIN logs AS l ON l.id = a.log_id ";

  private final JdbcClient jdbc;

  AttemptTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What an attempt begins with. */
  record NewAttempt(
      long buildId,
      int number,
      LogId log,
      String builder,
      String builderVersion,
      Cause reason,
      String requester,
      int retry,
      int interrupted,
      @Nullable Duration estimated) {}

  /** Inserts a queued attempt and returns its id. */
  long insert(NewAttempt attempt) {
    return jdbc.sql(
            """
            INSERT INTO attempts (build_id, number, log_id, builder, builder_version, status, reason, requester,
              retry, interrupted, queued_at, estimated_millis)
            VALUES (:build, :number, :log, :builder, :version, 'queued', :reason, :requester,
              :retry, :interrupted, clock_timestamp(), :estimated)
            RETURNING id
            """)
        .param("build", attempt.buildId())
        .param("number", attempt.number())
        .param("log", attempt.log().value())
        .param("builder", attempt.builder())
        .param("version", attempt.builderVersion())
        .param("reason", attempt.reason().word())
        .param("requester", attempt.requester())
        .param("retry", attempt.retry())
        .param("interrupted", attempt.interrupted())
        .param("estimated", attempt.estimated() == null ? null : attempt.estimated().toMillis())
        .query(Long.class)
        .single();
  }

  /** One attempt of a build. */
  Optional<Attempt> find(long buildId, int number) {
    return jdbc.sql(READ + "WHERE a.build_id = :build AND a.number = :number")
        .param("build", buildId)
        .param("number", number)
        .query((row, _) -> BuildRows.attempt(row))
        .optional();
  }

  /** Up to {@code limit} attempts of a build with numbers below {@code below}, newest first. */
  List<Attempt> list(long buildId, int below, int limit) {
    return jdbc.sql(
            READ
                + "WHERE a.build_id = :build AND a.number < :below ORDER BY a.number DESC LIMIT :limit")
        .param("build", buildId)
        .param("below", below)
        .param("limit", limit)
        .query((row, _) -> BuildRows.attempt(row))
        .list();
  }

  /** What a transaction that ends or starts an attempt has to know of its row. */
  record Locked(
      int number,
      AttemptStatus status,
      LogId log,
      String builder,
      String builderVersion,
      String requester,
      int retry,
      int interrupted,
      boolean cancelled,
      @Nullable String cancelledBy,
      @Nullable String cancelledWhy,
      @Nullable Long estimatedMillis) {}

  /** Locks an attempt's row until the end of the transaction. */
  Optional<Locked> lock(long id) {
    return jdbc.sql("SELECT * FROM attempts WHERE id = :id FOR UPDATE")
        .param("id", id)
        .query(
            (row, _) ->
                new Locked(
                    row.getInt("number"),
                    AttemptStatus.of(row.getString("status")),
                    new LogId(row.getLong("log_id")),
                    row.getString("builder"),
                    row.getString("builder_version"),
                    row.getString("requester"),
                    row.getInt("retry"),
                    row.getInt("interrupted"),
                    row.getObject("cancelled_at") != null,
                    row.getString("cancelled_by"),
                    row.getString("cancelled_why"),
                    row.getObject("estimated_millis", Long.class)))
        .optional();
  }

  /**
   * Notes that a queued attempt runs, with its builder's version of this moment.
   *
   * @return how long it waited
   */
  Duration running(long id, String builderVersion) {
    return jdbc.sql(
            """
            UPDATE attempts SET status = 'running', started_at = clock_timestamp(), builder_version = :version
            WHERE id = :id
            RETURNING extract(epoch FROM started_at - queued_at) * 1000 AS millis
            """)
        .param("id", id)
        .param("version", builderVersion)
        .query((row, _) -> Duration.ofMillis(row.getLong("millis")))
        .single();
  }

  /** Notes what a running attempt says it waits for. */
  boolean pending(long id, long fence, @Nullable String reason) {
    return jdbc.sql(
                """
                UPDATE attempts SET pending_reason = :reason
                WHERE id = :id AND status = 'running'
                  AND EXISTS (SELECT 1 FROM leases WHERE attempt_id = :id AND fence = :fence)
                """)
            .param("id", id)
            .param("fence", fence)
            .param("reason", reason)
            .update()
        == 1;
  }

  /** Notes the end of an attempt. */
  void ended(
      long id,
      AttemptStatus status,
      AttemptEnd end,
      long fence,
      @Nullable Integer next,
      @Nullable Duration backoff) {
    jdbc.sql(
            """
            UPDATE attempts SET status = :status, finished_at = clock_timestamp(), pending_reason = NULL,
              exit_code = :exitCode, failure = :failure, failure_excerpt = :excerpt,
              value = :value, next = :next, fence = :fence,
              backoff_until = clock_timestamp() + make_interval(secs => :backoff)
            WHERE id = :id
            """)
        .param("id", id)
        .param("status", status.word())
        .param("exitCode", end.exitCode())
        .param("failure", end.failure())
        .param("excerpt", end.excerpt() == null ? null : end.excerpt().json())
        .param("value", status.isOutcome() ? end.value() : null)
        .param("next", next)
        .param("fence", fence)
        .param("backoff", backoff == null ? null : backoff.toMillis() / 1000.0)
        .update();
  }

  /**
   * An end that was published.
   *
   * @param logBytes how long the log became
   * @param run how long it ran, or null if it never did
   * @param followed whether another attempt was queued in the same step
   */
  record Ended(
      String builder,
      AttemptStatus status,
      LogId log,
      long logBytes,
      @Nullable Duration run,
      boolean followed) {
    /** The same, with another attempt queued in the same step. */
    Ended withFollower() {
      return new Ended(builder, status, log, logBytes, run, true);
    }
  }

  /** The end of an attempt if this fence published it. */
  Optional<Ended> endedBy(long id, long fence) {
    return jdbc.sql(
            """
            SELECT a.builder, a.status, a.log_id, l.bytes, a.next IS NOT NULL AS followed,
              extract(epoch FROM a.finished_at - a.started_at) * 1000 AS millis
            FROM attempts AS a JOIN logs AS l ON l.id = a.log_id
            WHERE a.id = :id AND a.fence = :fence AND a.finished_at IS NOT NULL
            """)
        .param("id", id)
        .param("fence", fence)
        .query(
            (row, _) -> {
              long millis = row.getLong("millis");
              Duration run = row.wasNull() ? null : Duration.ofMillis(millis);
              return new Ended(
                  row.getString("builder"),
                  AttemptStatus.of(row.getString("status")),
                  new LogId(row.getLong("log_id")),
                  row.getLong("bytes"),
                  run,
                  row.getBoolean("followed"));
            })
        .optional();
  }

  /** How long nobody may take the next attempt of a build, after a spent chain of retries. */
  Duration backoff(long buildId, int latest) {
    return jdbc.sql(
            "SELECT backoff_until, clock_timestamp() AS now FROM attempts"
                + " WHERE build_id = :build AND number = :latest AND backoff_until > clock_timestamp()")
        .param("build", buildId)
        .param("latest", latest)
        .query(
            (row, _) ->
                Duration.between(
                    row.getObject("now", OffsetDateTime.class),
                    row.getObject("backoff_until", OffsetDateTime.class)))
        .optional()
        .orElse(Duration.ZERO);
  }

  /** The status of a build's active attempt, or nothing if none is. */
  Optional<AttemptStatus> active(long buildId) {
    return jdbc.sql(
            """
            SELECT status FROM attempts
            WHERE build_id = :build AND status IN ('queued', 'running') AND cancelled_at IS NULL
            """)
        .param("build", buildId)
        .query(String.class)
        .optional()
        .map(AttemptStatus::of);
  }

  /** The numbers of a build's marked attempts that have not ended yet. */
  Set<Integer> ending(long buildId) {
    return jdbc.sql(
            """
            SELECT number FROM attempts JOIN leases ON attempt_id = attempts.id
            WHERE leases.build_id = :build AND cancelled_at IS NOT NULL
            """)
        .param("build", buildId)
        .query((row, _) -> row.getInt("number"))
        .set();
  }

  /** Marks an attempt that has not ended as cancelled, unless it is marked already. */
  void cancelled(long id, @Nullable String by, @Nullable String why) {
    jdbc.sql(
            """
            UPDATE attempts SET cancelled_at = clock_timestamp(), cancelled_by = :by, cancelled_why = :why
            WHERE id = :id AND finished_at IS NULL AND cancelled_at IS NULL
            """)
        .param("id", id)
        .param("by", by)
        .param("why", why)
        .update();
  }

  /** Removes the ended attempts of a build and names their logs, which are nobody's now. */
  List<LogId> remove(long buildId) {
    return jdbc.sql("DELETE FROM attempts WHERE build_id = :build RETURNING log_id")
        .param("build", buildId)
        .query((row, _) -> new LogId(row.getLong("log_id")))
        .list();
  }

  /** Takes from an attempt what it quotes of the log: how it ended stays. */
  void unquote(long id) {
    jdbc.sql(
            """
            UPDATE attempts SET failure_excerpt = NULL, failure =
              CASE WHEN failure IS NOT NULL AND status IN ('failed', 'errored')
                THEN coalesce('exit ' || exit_code, status) || ', and its log was removed' ELSE failure END
            WHERE id = :id
            """)
        .param("id", id)
        .update();
  }
}
