package dev.buildonce.logs;

import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.util.unit.DataSize;

/**
 * Makes room among closed logs. Each method is one small step in the caller's transaction and says
 * how much it did, so that it is called until that is nothing. Rows that somebody else has locked
 * are left to a later step: it waits for nobody, and replicas may sweep at once.
 */
@Repository
public class LogSweep {
  /*
   * A log goes in two steps. First its row says that it is removed, which readers are told from then on.
   * Then its chunks go piece by piece, from the first on: a reader that was under way finds the chunk
   * that it wants or none, never another one.
   */

  /** What a chunk takes beside its data, about; a log of one byte per chunk is not small. */
  private static final int CHUNK_ROW = 100;

  private static final int MEASURED = 20;
  private static final int LOGS = 100;
  private static final int CHUNKS = 1000;
  private static final long BYTES = 8 << 20;

  private final JdbcClient jdbc;

  LogSweep(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Sums up what some closed logs take, once for each; returns how many it looked at. */
  public int measure() {
    return jdbc.sql(
            """
            UPDATE logs SET used_at = coalesce(used_at, closed_at), stored_bytes = (
              SELECT coalesce(sum(coalesce(octet_length(data), 0) + :row), 0)
              FROM log_chunks WHERE log_id = logs.id)
            WHERE id IN (
              SELECT id FROM logs WHERE closed_at IS NOT NULL AND stored_bytes IS NULL
              ORDER BY id LIMIT :logs FOR UPDATE SKIP LOCKED)
            """)
        .param("row", CHUNK_ROW)
        .param("logs", MEASURED)
        .update();
  }

  /** What all measured logs take. */
  public long bytes() {
    return jdbc.sql(
            "SELECT coalesce(sum(stored_bytes), 0)::bigint FROM logs WHERE stored_bytes > 0 AND removed_at IS NULL")
        .query(Long.class)
        .single();
  }

  /**
   * Removes some of the least recently used logs if all together take more than {@code most}; one
   * replica at a time, lest two remove twice as much. Returns how many it removed.
   */
  public int evict(DataSize most) {
    boolean alone =
        jdbc.sql("SELECT pg_try_advisory_xact_lock(hashtext('buildonce log-bytes'))")
            .query(Boolean.class)
            .single();
    long excess = alone ? bytes() - most.toBytes() : 0;
    if (excess <= 0) {
      return 0;
    }
    record Stored(long id, long bytes) {}
    List<Stored> oldest =
        jdbc.sql(
                """
                SELECT id, stored_bytes FROM logs WHERE stored_bytes > 0 AND removed_at IS NULL
                ORDER BY used_at LIMIT :logs FOR UPDATE SKIP LOCKED
                """)
            .param("logs", LOGS)
            .query((row, _) -> new Stored(row.getLong("id"), row.getLong("stored_bytes")))
            .list();
    List<Long> removed = new ArrayList<>();
    for (Stored log : oldest) {
      if (excess > 0) {
        removed.add(log.id());
        excess -= log.bytes();
      }
    }
    return jdbc.sql("UPDATE logs SET removed_at = clock_timestamp() WHERE id = ANY (:ids)")
        .param("ids", removed.toArray(Long[]::new))
        .update();
  }

  /**
   * Takes away a piece of the bytes of removed logs, and the rows of those that no attempt has any
   * more; returns how many rows it deleted or settled.
   */
  public int bury() {
    List<Long> found =
        jdbc.sql(
                """
                SELECT id FROM logs WHERE removed_at IS NOT NULL AND stored_bytes IS DISTINCT FROM 0
                ORDER BY id LIMIT :logs FOR UPDATE SKIP LOCKED
                """)
            .param("logs", LOGS)
            .query((row, _) -> row.getLong("id"))
            .list();
    if (found.isEmpty()) {
      return 0;
    }
    Long[] ids = found.toArray(Long[]::new);
    int done =
        jdbc.sql(
                """
                WITH piece AS (
                  SELECT log_id, first_byte, coalesce(octet_length(data), 0) AS size FROM log_chunks
                  WHERE log_id = ANY (:ids) ORDER BY log_id, first_byte LIMIT :chunks),
                summed AS (
                  SELECT *, sum(size) OVER (ORDER BY log_id, first_byte) - size AS before FROM piece)
                DELETE FROM log_chunks USING summed
                WHERE log_chunks.log_id = summed.log_id AND log_chunks.first_byte = summed.first_byte
                  AND before < :bytes
                """)
            .param("ids", ids)
            .param("chunks", CHUNKS)
            .param("bytes", BYTES)
            .update();
    done +=
        jdbc.sql(
                """
                DELETE FROM logs WHERE id = ANY (:ids) AND orphan
                  AND NOT EXISTS (SELECT 1 FROM log_chunks WHERE log_id = logs.id)
                """)
            .param("ids", ids)
            .update();
    return done
        + jdbc.sql(
                """
                UPDATE logs SET stored_bytes = 0 WHERE id = ANY (:ids) AND NOT orphan
                  AND NOT EXISTS (SELECT 1 FROM log_chunks WHERE log_id = logs.id)
                """)
            .param("ids", ids)
            .update();
  }
}
