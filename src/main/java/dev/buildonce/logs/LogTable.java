package dev.buildonce.logs;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The statements on {@code logs}, one row per log. */
@Repository
class LogTable {

  private final JdbcClient jdbc;

  LogTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  long insert() {
    return jdbc.sql("INSERT INTO logs DEFAULT VALUES RETURNING id").query(Long.class).single();
  }

  boolean fence(long id, long fence) {
    int fenced =
        jdbc.sql(
                """
                UPDATE logs SET fence = :fence
                WHERE id = :id AND fence <= :fence AND closed_at IS NULL
                """)
            .param("id", id)
            .param("fence", fence)
            .update();
    return fenced == 1;
  }

  Optional<LogRow> find(long id) {
    return jdbc.sql("SELECT * FROM logs WHERE id = :id")
        .param("id", id)
        .query(LogTable::row)
        .optional();
  }

  List<LogRow> find(long[] ids) {
    return jdbc.sql("SELECT * FROM logs WHERE id = ANY(:ids)")
        .param("ids", ids)
        .query(LogTable::row)
        .list();
  }

  /**
   * Lengthens a log and inserts the chunks, in one statement: who writes flat out would wait for
   * each answer; false if the log is not as the caller knows it.
   */
  boolean append(long id, long fence, Append append) {
    List<Chunk> chunks = append.chunks();
    int inserted =
        jdbc.sql(
                """
                WITH appended AS (
                  UPDATE logs
                  SET bytes = bytes + :n, source_bytes = :source, newlines = newlines + :newlines,
                      open_line = :openLine
                  WHERE id = :id AND fence = :fence AND bytes = :at AND closed_at IS NULL
                  RETURNING id)
                INSERT INTO log_chunks
                  (log_id, first_byte, first_line, bytes, newlines, codec, data, times)
                SELECT appended.id, chunk.*
                FROM appended,
                  unnest(:firstBytes, :firstLines, :lengths, :lineEnds, :codecs, :datas, :times) AS chunk
                """)
            .param("id", id)
            .param("fence", fence)
            .param("at", append.at())
            .param("n", append.bytes())
            .param("source", append.sourceEnd())
            .param("newlines", append.newlines())
            .param("openLine", append.openLine())
            .param("firstBytes", chunks.stream().mapToLong(Chunk::firstByte).toArray())
            .param("firstLines", chunks.stream().mapToLong(Chunk::firstLine).toArray())
            .param("lengths", chunks.stream().mapToLong(Chunk::bytes).toArray())
            .param("lineEnds", chunks.stream().mapToLong(Chunk::newlines).toArray())
            .param(
                "codecs",
                chunks.stream().map(chunk -> chunk.codec().column()).toArray(String[]::new))
            .param("datas", chunks.stream().map(Chunk::data).toArray(byte[][]::new))
            .param(
                "times",
                chunks.stream()
                    .map(chunk -> chunk.arrivals().encoded(chunk.firstByte()))
                    .toArray(byte[][]::new))
            .update();
    return inserted > 0;
  }

  void markDropped(long id) {
    jdbc.sql("UPDATE logs SET dropped = true WHERE id = :id AND NOT dropped")
        .param("id", id)
        .update();
  }

  Optional<LogRow> close(long id, long fence) {
    return jdbc.sql(
            """
            UPDATE logs SET closed_at = clock_timestamp()
            WHERE id = :id AND fence = :fence AND closed_at IS NULL
            RETURNING *
            """)
        .param("id", id)
        .param("fence", fence)
        .query(LogTable::row)
        .optional();
  }

  /** A closed log, and how far it is sealed. */
  record Unsealed(long id, long bytes, long sealedBytes) {}

  /** Locks a log that is to be sealed and that nobody else seals, the one closed longest first. */
  Optional<Unsealed> lockUnsealed() {
    return jdbc.sql(
            """
            SELECT id, bytes, sealed_bytes FROM logs
            WHERE closed_at IS NOT NULL AND sealed_at IS NULL AND removed_at IS NULL
            ORDER BY closed_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
            """)
        .query(
            (row, _) ->
                new Unsealed(row.getLong("id"), row.getLong("bytes"), row.getLong("sealed_bytes")))
        .optional();
  }

  /** Notes how far a log is sealed; what it takes has to be summed up anew. */
  void sealed(long id, long bytes, boolean whole) {
    jdbc.sql(
            """
            UPDATE logs SET sealed_bytes = :bytes, stored_bytes = NULL,
              sealed_at = CASE WHEN :whole THEN clock_timestamp() END
            WHERE id = :id
            """)
        .param("id", id)
        .param("bytes", bytes)
        .param("whole", whole)
        .update();
  }

  /** Takes the bytes of a closed log away; what was known of it stays. */
  void removeBytes(long id) {
    jdbc.sql("UPDATE logs SET removed_at = coalesce(removed_at, clock_timestamp()) WHERE id = :id")
        .param("id", id)
        .update();
    jdbc.sql("DELETE FROM log_chunks WHERE log_id = :id").param("id", id).update();
  }

  /** Deletes the row, and its chunks with it. */
  void delete(long id) {
    jdbc.sql("DELETE FROM logs WHERE id = :id").param("id", id).update();
  }

  void abandon(Collection<Long> ids) {
    jdbc.sql(
            """
            UPDATE logs SET orphan = true, removed_at = coalesce(removed_at, clock_timestamp()),
              stored_bytes = NULLIF(stored_bytes, 0)
            WHERE id = ANY (:ids)
            """)
        .param("ids", ids.toArray(Long[]::new))
        .update();
  }

  void used(Collection<Long> ids) {
    jdbc.sql("UPDATE logs SET used_at = clock_timestamp() WHERE id = ANY (:ids)")
        .param("ids", ids.toArray(Long[]::new))
        .update();
  }

  private static LogRow row(ResultSet row, int number) throws SQLException {
    Timestamp closedAt = row.getTimestamp("closed_at");
    return new LogRow(
        row.getLong("id"),
        row.getLong("fence"),
        row.getLong("source_bytes"),
        row.getLong("bytes"),
        row.getLong("newlines"),
        row.getBoolean("open_line"),
        row.getBoolean("dropped"),
        closedAt == null ? null : closedAt.toInstant(),
        row.getTimestamp("removed_at") != null);
  }
}
