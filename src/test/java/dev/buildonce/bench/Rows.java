package dev.buildonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/** The service's database, read and filled past the service. */
final class Rows {
  private static final int BATCH = 50_000;

  private final String url;
  private final String password;

  /** The embedded database of a home. */
  Rows(Path home) throws IOException {
    Path database = home.resolve("database");
    this.url =
        "jdbc:postgresql://127.0.0.1:"
            + Files.readString(database.resolve("port")).strip()
            + "/buildonce";
    this.password = Files.readString(database.resolve("password")).strip();
  }

  /**
   * Makes builds {@code seed-<number>} like a build that is there: ended, each with its attempt,
   * its log of one chunk and its published change. One in ten failed, one in a thousand is flagged.
   */
  void fill(String like, int from, int to) throws SQLException {
    try (Connection connection = open()) {
      connection.setAutoCommit(false);
      for (int begin = from; begin < to; begin += BATCH) {
        fill(connection, like, begin, Math.min(to, begin + BATCH));
      }
      connection.setAutoCommit(true);
      // What autovacuum does within a minute, so that no measurement falls into that minute.
      connection.createStatement().execute("VACUUM ANALYZE");
    }
  }

  private static void fill(Connection connection, String like, int from, int to)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH bounds AS (SELECT ?::integer AS low, ?::integer AS high, ?::text AS pattern),
            base AS (UPDATE revisions SET revision = revision + high - low FROM bounds RETURNING revision - (high - low) AS revision),
            numbers AS (
              SELECT n, n % 10 = 7 AS bad, clock_timestamp() - make_interval(secs => (5000000 - n) * 0.4) AS at,
                row_number() OVER (ORDER BY n) AS place
              FROM bounds, generate_series(low, high - 1) AS n),
            builds_made AS (
              INSERT INTO builds (key, builder, params, input_digest, extras, title, tags, requester, status, attempts, outcome,
                rebuild_at, rebuild_by, rebuild_why, revision, changed_at, used_at)
              SELECT 'seed-' || lpad(n::text, 7, '0') || '-' || md5(n::text), b.builder, b.params, b.input_digest, b.extras, b.title,
                ARRAY['repo=app-' || n % 200, 'branch=b' || n % 5000, 'image=base-' || n % 50],
                'ci-' || n % 40, CASE WHEN bad THEN 'failed' ELSE 'succeeded' END, 1, 1,
                CASE WHEN n % 1000 = 3 THEN at END, CASE WHEN n % 1000 = 3 THEN 'someone' END, NULL,
                base.revision + place, at, at
              FROM numbers, base, bounds, builds AS b WHERE b.key = pattern
              RETURNING id, key, status, revision, requester, changed_at),
            logs_made AS (
              INSERT INTO logs (fence, source_bytes, bytes, newlines, closed_at, stored_bytes, used_at, sealed_bytes, sealed_at)
              SELECT 1, 480, 480, 21, at, 480, at, 480, at FROM numbers
              RETURNING id),
            pairs AS (
              SELECT * FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM builds_made)
                JOIN (SELECT id AS log_id, row_number() OVER (ORDER BY id) AS place FROM logs_made) USING (place)),
            chunks_made AS (
              INSERT INTO log_chunks (log_id, first_byte, first_line, bytes, newlines, codec, data)
              SELECT log_id, 0, 1, 480, 21, 'plain',
                convert_to(repeat('[INFO] 12 classes, ' || md5(key) || E'\\n', 9) || repeat(E'\\n', 12), 'UTF8')::bytea
              FROM pairs),
            changes_made AS (
              INSERT INTO changes (revision, build_id, key, kind, attempt, status, changed_at)
              SELECT revision, id, key, 'outcome', 1, status, changed_at FROM pairs)
            INSERT INTO attempts (build_id, number, log_id, builder, builder_version, status, reason, requester,
                queued_at, started_at, finished_at, exit_code, failure, value, fence)
              SELECT p.id, 1, p.log_id, a.builder, a.builder_version, p.status, 'missing', p.requester, p.changed_at - interval '7 s',
                p.changed_at - interval '6 s', p.changed_at, CASE WHEN p.status = 'failed' THEN 2 ELSE 0 END,
                CASE WHEN p.status = 'failed' THEN 'make: *** [Makefile:12: test] Error 2' END,
                CASE WHEN p.status = 'failed' THEN NULL ELSE '{"version": "1.2.' || p.id || '"}' END, 1
              FROM pairs AS p, bounds, builds AS b JOIN attempts AS a ON a.build_id = b.id AND a.number = 1
              WHERE b.key = pattern
            """)) {
      statement.setInt(1, from);
      statement.setInt(2, to);
      statement.setString(3, like);
      if (statement.executeUpdate() != to - from) {
        throw new SQLException("Not all builds were made");
      }
    }
    connection.commit();
  }

  /** The keys of filled builds that stand unflagged, at most that many, by chance. */
  List<String> someKeys(int builds, int most) throws SQLException {
    List<String> keys = new ArrayList<>();
    try (Connection connection = open();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT key FROM builds WHERE key LIKE 'seed-%' AND rebuild_at IS NULL AND hashint8(id) % ? = 0 LIMIT ?")) {
      statement.setInt(1, Math.max(1, builds / most / 2));
      statement.setInt(2, most);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          keys.add(row.getString(1));
        }
      }
    }
    return keys;
  }

  /**
   * Reads of one row by key, through the same driver, on so many connections: how many a second.
   */
  double readsPerSecond(List<String> keys, int connections, Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        counts.add(threads.submit(() -> reads(keys, end)));
      }
      int reads = 0;
      for (Future<Integer> count : counts) {
        reads += count.get();
      }
      return reads / (time.toNanos() / 1e9);
    }
  }

  private int reads(List<String> keys, long end) throws SQLException {
    int reads = 0;
    try (Connection connection = open();
        PreparedStatement statement =
            connection.prepareStatement("SELECT id, status FROM builds WHERE key = ?")) {
      while (System.nanoTime() < end) {
        statement.setString(1, keys.get(ThreadLocalRandom.current().nextInt(keys.size())));
        try (ResultSet row = statement.executeQuery()) {
          if (!row.next()) {
            throw new SQLException("A key is gone");
          }
        }
        reads++;
      }
    }
    return reads;
  }

  private Connection open() throws SQLException {
    return DriverManager.getConnection(url, "buildonce", password);
  }
}
