package dev.buildonce.logs;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The statements on {@code log_chunks}. The chunks of a log, dropped ones included, have no gap.
 */
@Repository
class ChunkTable {

  /** Rows of one read, so that a log of tiny chunks costs no large answer. */
  private static final int MAX_ROWS = 256;

  private final JdbcClient jdbc;

  ChunkTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void insert(long log, Chunk chunk) {
    jdbc.sql(
            """
            INSERT INTO log_chunks (log_id, first_byte, first_line, bytes, newlines, codec, data, times)
            VALUES (:log, :firstByte, :firstLine, :bytes, :newlines, :codec, :data, :times)
            """)
        .param("log", log)
        .param("firstByte", chunk.firstByte())
        .param("firstLine", chunk.firstLine())
        .param("bytes", chunk.bytes())
        .param("newlines", chunk.newlines())
        .param("codec", chunk.codec().column())
        .param("data", chunk.data(), Types.BINARY)
        .param("times", chunk.arrivals().encoded(chunk.firstByte()), Types.BINARY)
        .update();
  }

  /** The chunk with this offset and those behind it, about {@code max} bytes and a chunk in all. */
  List<Chunk> from(long log, long offset, int max) {
    return from(log, offset, max, MAX_ROWS);
  }

  /** The same, so many chunks at most. */
  List<Chunk> from(long log, long offset, int max, int rows) {
    return jdbc.sql(
            """
            SELECT first_byte, first_line, bytes, newlines, codec, data, times FROM log_chunks
            WHERE log_id = :log AND first_byte < :end AND first_byte >= (
              SELECT first_byte FROM log_chunks WHERE log_id = :log AND first_byte <= :offset
              ORDER BY first_byte DESC LIMIT 1)
            ORDER BY first_byte LIMIT :rows
            """)
        .param("log", log)
        .param("offset", offset)
        .param("end", offset + max)
        .param("rows", rows)
        .query(ChunkTable::chunk)
        .list();
  }

  /** Puts one chunk in the place of those that it joins; false if they are not these any more. */
  boolean replace(long log, int count, Chunk joined) {
    int deleted =
        jdbc.sql(
                "DELETE FROM log_chunks WHERE log_id = :log AND first_byte >= :from AND first_byte < :to")
            .param("log", log)
            .param("from", joined.firstByte())
            .param("to", joined.end())
            .update();
    insert(log, joined);
    return deleted == count;
  }

  /** The chunk in which the line before this one ends; empty for the first line. */
  Optional<Chunk> before(long log, long line) {
    return jdbc.sql(
            """
            SELECT first_byte, first_line, bytes, newlines, codec, data, times FROM log_chunks
            WHERE log_id = :log AND first_line < :line
            ORDER BY first_line DESC, first_byte DESC LIMIT 1
            """)
        .param("log", log)
        .param("line", line)
        .query(ChunkTable::chunk)
        .optional();
  }

  Optional<Chunk> dropped(long log) {
    return jdbc.sql(
            """
            SELECT first_byte, first_line, bytes, newlines, codec, data, times FROM log_chunks
            WHERE log_id = :log AND codec = 'dropped'
            """)
        .param("log", log)
        .query(ChunkTable::chunk)
        .optional();
  }

  /**
   * Drops the chunks that begin in a stretch and lets one row, the first, stand for all that was
   * dropped of this log.
   *
   * @param from where the head ends: what was dropped before begins right there
   * @return what was dropped now; of no bytes if nothing was
   */
  Chunk drop(long log, long from, long to) {
    Chunk gone =
        jdbc.sql(
                """
                WITH gone AS (
                  DELETE FROM log_chunks
                  WHERE log_id = :log AND first_byte >= :from AND first_byte < :to AND codec <> 'dropped'
                  RETURNING first_byte, first_line, bytes, newlines)
                SELECT coalesce(min(first_byte), 0) AS first_byte, coalesce(min(first_line), 1) AS first_line,
                  coalesce(sum(bytes), 0)::bigint AS bytes, coalesce(sum(newlines), 0)::bigint AS newlines,
                  'dropped' AS codec, NULL::bytea AS data, NULL::bytea AS times
                FROM gone
                """)
            .param("log", log)
            .param("from", from)
            .param("to", to)
            .query(ChunkTable::chunk)
            .single();
    if (gone.bytes() > 0 && !lengthenDropped(log, from, gone)) {
      insert(log, gone);
    }
    return gone;
  }

  private boolean lengthenDropped(long log, long from, Chunk gone) {
    int lengthened =
        jdbc.sql(
                """
                UPDATE log_chunks SET bytes = bytes + :bytes, newlines = newlines + :newlines
                WHERE log_id = :log AND first_byte = :from AND codec = 'dropped'
                """)
            .param("log", log)
            .param("from", from)
            .param("bytes", gone.bytes())
            .param("newlines", gone.newlines())
            .update();
    return lengthened == 1;
  }

  private static Chunk chunk(ResultSet row, int number) throws SQLException {
    byte @Nullable [] data = row.getBytes("data");
    long firstByte = row.getLong("first_byte");
    return new Chunk(
        firstByte,
        row.getLong("first_line"),
        row.getLong("bytes"),
        row.getLong("newlines"),
        Codec.ofColumn(row.getString("codec")),
        data,
        Arrivals.decoded(row.getBytes("times"), firstByte));
  }
}
