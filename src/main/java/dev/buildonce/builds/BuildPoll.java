package dev.buildonce.builds;

import dev.buildonce.database.WorkLoop;
import dev.buildonce.revisions.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Looks at the builds that somebody on this replica watches, with one query for all of them, and
 * wakes those who wait when another replica changed one. What changed here woke them already.
 */
@Component
class BuildPoll extends WorkLoop {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final JdbcClient jdbc;
  private final Wakeups wakeups;

  /** What each watched build looked like last. */
  private Map<Long, String> stamps = new HashMap<>();

  /** The place in its queue of each watched build that waits for a runner. */
  private Map<Long, Integer> places = new HashMap<>();

  BuildPoll(JdbcClient jdbc, Wakeups wakeups, MeterRegistry registry) {
    super("watched-builds", INTERVAL, registry);
    this.jdbc = jdbc;
    this.wakeups = wakeups;
  }

  @Override
  protected void turn() {
    Collection<Long> watched = List.copyOf(wakeups.watched());
    if (watched.isEmpty()) {
      stamps = new HashMap<>();
      places = new HashMap<>();
      return;
    }
    Map<Long, String> before = stamps;
    Map<Long, String> now = new HashMap<>();
    jdbc.sql(
            """
            SELECT b.id, concat_ws(':', b.status, b.attempts, b.revision, b.rebuild_at, b.deleted_at, a.status,
              a.cancelled_at, a.pending_reason) AS stamp
            FROM builds AS b LEFT JOIN attempts AS a ON a.build_id = b.id AND a.number = b.attempts
            WHERE b.id = ANY (:ids)
            """)
        .param("ids", watched.toArray(Long[]::new))
        .query(
            row -> {
              now.put(row.getLong("id"), row.getString("stamp"));
            });
    stamps = now;
    for (Long id : watched) {
      String stamp = now.get(id);
      // One that is new here is woken once: it may have changed since its watcher looked.
      if (!Objects.equals(before.get(id), stamp)) {
        wakeups.wake(id);
      }
    }
    lookAtPlaces(watched, now.values().stream().anyMatch(stamp -> stamp.startsWith("queued")));
  }

  private void lookAtPlaces(Collection<Long> watched, boolean anyQueued) {
    Map<Long, Integer> before = places;
    Map<Long, Integer> now = new HashMap<>();
    if (anyQueued) {
      jdbc.sql(
              """
              SELECT build_id, place FROM
                (SELECT build_id, row_number() OVER (PARTITION BY pool ORDER BY priority DESC, attempt_id) AS place
                 FROM leases WHERE holder IS NULL) AS queue
              WHERE build_id = ANY (:ids)
              """)
          .param("ids", watched.toArray(Long[]::new))
          .query(
              row -> {
                now.put(row.getLong("build_id"), row.getInt("place"));
              });
    }
    places = now;
    now.forEach(
        (id, place) -> {
          if (!place.equals(before.get(id))) {
            wakeups.wakeClose(id);
          }
        });
  }

  /** Looks on until those are gone who are told what it sees. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 2;
  }
}
