package dev.buildonce.leases;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Who may carry an attempt on. An attempt has a lease row from its ask until its processes are
 * gone; without a holder it is queued. All times are the database's.
 */
@Component
public final class Leases {
  private final JdbcClient jdbc;

  Leases(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Queues an attempt, in the caller's transaction. */
  public void offer(Offer offer) {
    jdbc.sql(
            """
            INSERT INTO leases (attempt_id, build_id, pool, priority, not_before, timeout_millis, deadline,
              only_holder, only_home)
            VALUES (:attempt, :build, :pool, :priority,
                    clock_timestamp() + make_interval(secs => :delay), :timeout,
                    clock_timestamp() + make_interval(secs => :queue), :onlyHolder, :onlyHome)
            """)
        .param("attempt", offer.attemptId())
        .param("build", offer.buildId())
        .param("pool", offer.pool())
        .param("priority", offer.priority())
        .param("delay", seconds(offer.delay()))
        .param("timeout", offer.timeout().toMillis())
        .param("queue", seconds(offer.delay().plus(offer.queueTimeout())))
        .param("onlyHolder", offer.only() == null ? null : offer.only().holder())
        .param("onlyHome", offer.only() == null ? null : offer.only().home())
        .update();
  }

  /** How many attempts wait in a pool, counted up to {@code limit}. */
  public int queued(String pool, int limit) {
    return jdbc.sql(
            """
            SELECT count(*) FROM
              (SELECT 1 FROM leases WHERE pool = :pool AND holder IS NULL LIMIT :limit) AS waiting
            """)
        .param("pool", pool)
        .param("limit", limit)
        .query(Integer.class)
        .single();
  }

  /**
   * Takes up to {@code room} queued attempts of a pool, highest priority first, then oldest. An
   * attempt whose build has an older one whose processes may still run is not taken. Not to be
   * called in a transaction that holds other rows.
   */
  public List<Lease> pick(String pool, int room, UUID holder, UUID home, Duration term) {
    return jdbc.sql(
            """
            WITH picked AS (
              SELECT attempt_id FROM leases AS waiting
              WHERE pool = :pool AND holder IS NULL AND stop IS NULL AND not_before <= clock_timestamp()
                AND deadline > clock_timestamp() AND (only_holder IS NULL OR only_holder = :holder)
                AND NOT EXISTS (SELECT 1 FROM leases AS older
                                WHERE older.build_id = waiting.build_id
                                  AND older.attempt_id < waiting.attempt_id)
              ORDER BY priority DESC, attempt_id
              LIMIT :room
              FOR UPDATE SKIP LOCKED)
            UPDATE leases SET holder = :holder, home = :home, fence = fence + 1,
              expires_at = clock_timestamp() + make_interval(secs => :term)
            FROM picked WHERE leases.attempt_id = picked.attempt_id
            RETURNING leases.*, leases.deadline <= clock_timestamp() AS overdue
            """)
        .param("pool", pool)
        .param("room", room)
        .param("holder", holder)
        .param("home", home)
        .param("term", seconds(term))
        .query(Leases::lease)
        .list();
  }

  /**
   * Takes leases that nobody carries on: those of queued attempts past their deadline or to be
   * stopped, and those of this home that another holder has, or alone might have taken (an earlier
   * life of this replica, as a home has one service at a time; or who took over in a pause of this
   * one).
   *
   * @param carried the attempts that the holder carries on, as far as it knows
   */
  public List<Lease> takeAbandoned(
      UUID holder, UUID home, Duration term, Collection<Long> carried, int limit) {
    return jdbc.sql(
            """
            WITH abandoned AS (
              SELECT attempt_id FROM leases
              WHERE (holder IS NULL AND (stop IS NOT NULL OR deadline <= clock_timestamp()))
                 OR (home = :home AND holder <> :holder AND attempt_id <> ALL (:carried))
                 OR (holder IS NULL AND only_home = :home AND only_holder <> :holder)
              ORDER BY attempt_id
              LIMIT :limit
              FOR UPDATE SKIP LOCKED)
            UPDATE leases SET holder = :holder, fence = fence + 1,
              expires_at = clock_timestamp() + make_interval(secs => :term)
            FROM abandoned WHERE leases.attempt_id = abandoned.attempt_id
            RETURNING leases.*, leases.deadline <= clock_timestamp() AS overdue
            """)
        .param("holder", holder)
        .param("home", home)
        .param("term", seconds(term))
        .param("carried", carried.toArray(Long[]::new))
        .param("limit", limit)
        .query(Leases::lease)
        .list();
  }

  /**
   * Takes leases that expired. Only for who may judge them: after an outage their holders are given
   * a term in which to renew.
   *
   * @param carried the attempts that the holder does carry on: expired, they are still its own
   */
  public List<Lease> takeExpired(UUID holder, Duration term, Collection<Long> carried, int limit) {
    return jdbc.sql(
            """
            WITH expired AS (
              SELECT attempt_id FROM leases
              WHERE holder IS NOT NULL AND expires_at <= clock_timestamp() AND attempt_id <> ALL (:carried)
              ORDER BY attempt_id
              LIMIT :limit
              FOR UPDATE SKIP LOCKED)
            UPDATE leases SET holder = :holder, fence = fence + 1,
              expires_at = clock_timestamp() + make_interval(secs => :term)
            FROM expired WHERE leases.attempt_id = expired.attempt_id
            RETURNING leases.*, leases.deadline <= clock_timestamp() AS overdue
            """)
        .param("holder", holder)
        .param("term", seconds(term))
        .param("carried", carried.toArray(Long[]::new))
        .param("limit", limit)
        .query(Leases::lease)
        .list();
  }

  /** What the database's clock says, by which leases expire. */
  public Instant now() {
    return jdbc.sql("SELECT clock_timestamp()").query(OffsetDateTime.class).single().toInstant();
  }

  /**
   * Renews what a holder carries and says what the holder has to know of each. What is missing from
   * the answer was taken by somebody else. An expired lease that nobody took is renewed. One that
   * the holder has but does not know of, because the answer to its pick was lost, expires.
   */
  public List<Heartbeat> renew(UUID holder, Collection<Long> carried, Duration term) {
    return jdbc.sql(
            """
            WITH held AS (
              SELECT attempt_id FROM leases WHERE holder = :holder AND attempt_id = ANY (:carried)
              ORDER BY attempt_id
              FOR UPDATE)
            UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => :term)
            FROM held WHERE leases.attempt_id = held.attempt_id
            RETURNING leases.attempt_id, fence, stop, timeout_millis, extract(epoch FROM deadline - clock_timestamp()) * 1000 AS left_millis
            """)
        .param("holder", holder)
        .param("carried", carried.toArray(Long[]::new))
        .param("term", seconds(term))
        .query(
            (row, _) ->
                new Heartbeat(
                    row.getLong("attempt_id"),
                    row.getLong("fence"),
                    row.getString("stop") != null,
                    Duration.ofMillis(row.getLong("timeout_millis")),
                    Duration.ofMillis(row.getLong("left_millis"))))
        .list();
  }

  /**
   * Locks the lease if {@code fence} still holds it, until the end of the caller's transaction.
   *
   * @return false if somebody else took it
   */
  public boolean lock(long attemptId, long fence) {
    return jdbc.sql(
            "SELECT 1 FROM leases WHERE attempt_id = :attempt AND fence = :fence FOR UPDATE")
        .param("attempt", attemptId)
        .param("fence", fence)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /**
   * Gives up an attempt that has not run, so that whoever has room may take it.
   *
   * @return false if somebody else took it
   */
  public boolean release(long attemptId, long fence) {
    return jdbc.sql(
                """
                UPDATE leases SET holder = NULL, home = NULL, expires_at = NULL
                WHERE attempt_id = :attempt AND fence = :fence
                """)
            .param("attempt", attemptId)
            .param("fence", fence)
            .update()
        == 1;
  }

  /**
   * Has the run begin now in a home; the caller's transaction holds {@link #lock}.
   *
   * @param secrets a digest of the secrets that it is given, or null for none
   */
  public void startDeadline(long attemptId, UUID home, @Nullable String secrets) {
    jdbc.sql(
            """
            UPDATE leases SET home = :home, secrets = :secrets,
              deadline = clock_timestamp() + make_interval(secs => timeout_millis / 1000.0)
            WHERE attempt_id = :attempt
            """)
        .param("attempt", attemptId)
        .param("home", home)
        .param("secrets", secrets)
        .update();
  }

  /** Says that an attempt is to be stopped, cancelled; in the caller's transaction. */
  public void stop(long attemptId) {
    jdbc.sql("UPDATE leases SET stop = 'cancelled' WHERE attempt_id = :attempt")
        .param("attempt", attemptId)
        .update();
  }

  /** Which of these attempts are queued or may still have processes. */
  public Set<Long> among(Collection<Long> attempts) {
    return Set.copyOf(
        jdbc.sql("SELECT attempt_id FROM leases WHERE attempt_id = ANY (:attempts)")
            .param("attempts", attempts.toArray(Long[]::new))
            .query((row, _) -> row.getLong("attempt_id"))
            .list());
  }

  /** Which of these builds have attempts that are queued or may still have processes. */
  public Set<Long> ofBuilds(Collection<Long> builds) {
    return jdbc.sql("SELECT DISTINCT build_id FROM leases WHERE build_id = ANY (:builds)")
        .param("builds", builds.toArray(Long[]::new))
        .query((row, _) -> row.getLong("build_id"))
        .set();
  }

  /** Whether an attempt of a build is queued or may still have processes. */
  public boolean any(long buildId) {
    return jdbc.sql("SELECT EXISTS (SELECT 1 FROM leases WHERE build_id = :build)")
        .param("build", buildId)
        .query(Boolean.class)
        .single();
  }

  /**
   * Takes an ended attempt's lease away; the caller's transaction holds {@link #lock}.
   *
   * @return what was wished for the attempt by now, which a successor inherits
   */
  public Wishes remove(long attemptId) {
    return jdbc.sql(
            "DELETE FROM leases WHERE attempt_id = :attempt RETURNING priority, timeout_millis")
        .param("attempt", attemptId)
        .query(
            (row, _) ->
                new Wishes(
                    row.getInt("priority"), Duration.ofMillis(row.getLong("timeout_millis"))))
        .single();
  }

  /**
   * What asks may raise.
   *
   * @param priority higher goes first
   * @param timeout of the run
   */
  public record Wishes(int priority, Duration timeout) {}

  /**
   * Raises a queued attempt's priority and any attempt's timeout; lowers neither.
   *
   * @return whether anything changed
   */
  public boolean raise(long attemptId, @Nullable Integer priority, @Nullable Duration timeout) {
    return jdbc.sql(
                """
                UPDATE leases
                SET priority = greatest(priority, :priority::integer),
                    timeout_millis = greatest(timeout_millis, :timeout::bigint),
                    deadline = CASE WHEN holder IS NULL THEN deadline ELSE deadline + make_interval(
                      secs => greatest(0, :timeout::bigint - timeout_millis) / 1000.0) END
                WHERE attempt_id = :attempt
                  AND ((holder IS NULL AND priority < :priority::integer) OR timeout_millis < :timeout::bigint)
                """)
            .param("attempt", attemptId)
            .param("priority", priority)
            .param("timeout", timeout == null ? null : timeout.toMillis())
            .update()
        > 0;
  }

  /** What holds a queued attempt back, or nothing if it is not queued. */
  public Optional<QueuePlace> place(long attemptId) {
    return jdbc.sql(
            """
            SELECT own.pool, own.priority,
              greatest(0, ceil(extract(epoch FROM own.not_before - clock_timestamp())))::bigint AS delay_seconds,
              EXISTS (SELECT 1 FROM leases AS older WHERE older.build_id = own.build_id
                      AND older.attempt_id < own.attempt_id) AS behind_older,
              (SELECT count(*) FROM leases AS ahead WHERE ahead.pool = own.pool AND ahead.holder IS NULL
               AND (ahead.priority > own.priority
                    OR (ahead.priority = own.priority AND ahead.attempt_id < own.attempt_id))) AS ahead
            FROM leases AS own WHERE own.attempt_id = :attempt AND own.holder IS NULL
            """)
        .param("attempt", attemptId)
        .query(
            (row, _) ->
                new QueuePlace(
                    row.getString("pool"),
                    row.getInt("ahead"),
                    Duration.ofSeconds(row.getLong("delay_seconds")),
                    row.getBoolean("behind_older")))
        .optional();
  }

  /** How many attempts wait for a runner, by pool; pools where none waits are left out. */
  public Map<String, Long> queued() {
    Map<String, Long> queued = new HashMap<>();
    jdbc.sql("SELECT pool, count(*) AS waiting FROM leases WHERE holder IS NULL GROUP BY pool")
        .query(
            row -> {
              queued.put(row.getString("pool"), row.getLong("waiting"));
            });
    return queued;
  }

  private static Lease lease(ResultSet row, int index) throws SQLException {
    return new Lease(
        row.getLong("attempt_id"),
        row.getLong("build_id"),
        row.getString("pool"),
        row.getInt("priority"),
        Duration.ofMillis(row.getLong("timeout_millis")),
        row.getObject("home", UUID.class),
        row.getBoolean("overdue"),
        only(row),
        row.getString("secrets"),
        row.getLong("fence"));
  }

  private static @Nullable Only only(ResultSet row) throws SQLException {
    UUID holder = row.getObject("only_holder", UUID.class);
    return holder == null ? null : new Only(holder, row.getObject("only_home", UUID.class));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
