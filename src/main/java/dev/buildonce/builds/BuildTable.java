package dev.buildonce.builds;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The rows of builds, and what a transaction that changes one does to them. */
@Component
class BuildTable {
  private static final String READ =
      BuildRows.COLUMNS
          + """
          FROM builds AS b
          LEFT JOIN attempts AS a ON a.build_id = b.id AND a.number = ANY (ARRAY[b.attempts, b.outcome])
          LEFT JOIN logs AS l ON l.id = a.log_id
          """;

  private final JdbcClient jdbc;

  BuildTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The build as it stands, by one indexed read. */
  Optional<Build> find(BuildKey key) {
    return jdbc
        .sql(READ + "WHERE b.key = :key AND b.deleted_at IS NULL")
        .param("key", key.value())
        .query(BuildRows::builds)
        .stream()
        .findFirst();
  }

  /** The builds of these keys as they stand, by one read. */
  List<Build> find(Set<BuildKey> keys) {
    if (keys.size() == 1) {
      return find(keys.iterator().next()).stream().toList();
    }
    // The rows of a build have to stand together.
    return jdbc.sql(READ + "WHERE b.key = ANY (:keys) AND b.deleted_at IS NULL ORDER BY b.id")
        .param("keys", keys.stream().map(BuildKey::value).toArray(String[]::new))
        .query(BuildRows::builds);
  }

  /** The build as it stands, by its id. */
  Optional<Build> find(long id) {
    return jdbc
        .sql(READ + "WHERE b.id = :id AND b.deleted_at IS NULL")
        .param("id", id)
        .query(BuildRows::builds)
        .stream()
        .findFirst();
  }

  /** What a new row of a key begins with. */
  record NewBuild(
      BuildKey key,
      String builder,
      Map<String, String> inputs,
      String inputDigest,
      String title,
      String requester) {}

  /**
   * Inserts the key's row unless it is there, locks it until the end of the transaction and gives a
   * tombstone its new inputs.
   *
   * @return the id of the row
   */
  long lockOrInsert(NewBuild build) {
    jdbc.sql(
            """
            INSERT INTO builds (key, builder, params, input_digest, title, requester, status, changed_at, used_at)
            VALUES (:key, :builder, :params, :digest, :title, :requester, 'unbuilt', clock_timestamp(), clock_timestamp())
            ON CONFLICT (key) DO UPDATE
              SET builder = excluded.builder, params = excluded.params, input_digest = excluded.input_digest,
                  title = excluded.title, requester = excluded.requester, deleted_at = NULL
              WHERE builds.deleted_at IS NOT NULL
            """)
        .param("key", build.key().value())
        .param("builder", build.builder())
        .param("params", BuildRows.json(build.inputs()))
        .param("digest", build.inputDigest())
        .param("title", build.title())
        .param("requester", build.requester())
        .update();
    return jdbc.sql("SELECT id FROM builds WHERE key = :key FOR UPDATE")
        .param("key", build.key().value())
        .query(Long.class)
        .single();
  }

  /**
   * Locks a build's row until the end of the transaction.
   *
   * @return false if there is none
   */
  boolean lock(long id) {
    return jdbc.sql("SELECT 1 FROM builds WHERE id = :id AND deleted_at IS NULL FOR UPDATE")
        .param("id", id)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Notes a started attempt: its number, and what its ask said about the build. */
  void started(
      long id,
      int number,
      Map<String, String> inputs,
      String inputDigest,
      Map<String, String> extras,
      String title,
      List<String> tags,
      String requester) {
    jdbc.sql(
            """
            UPDATE builds SET attempts = :number, status = 'queued', params = :params, input_digest = :digest,
              extras = :extras, title = :title, tags = :tags, requester = :requester,
              changed_at = clock_timestamp(), used_at = clock_timestamp()
            WHERE id = :id
            """)
        .param("id", id)
        .param("number", number)
        .param("params", BuildRows.json(inputs))
        .param("digest", inputDigest)
        .param("extras", BuildRows.json(extras))
        .param("title", title)
        .param("tags", tags.toArray(String[]::new))
        .param("requester", requester)
        .update();
  }

  /** Notes an attempt that follows another within its chain. */
  void followed(long id, int number) {
    jdbc.sql(
            "UPDATE builds SET attempts = :number, status = 'queued', changed_at = clock_timestamp() WHERE id = :id")
        .param("id", id)
        .param("number", number)
        .update();
  }

  /** Notes that the active attempt runs. */
  void running(long id) {
    jdbc.sql("UPDATE builds SET status = 'running' WHERE id = :id").param("id", id).update();
  }

  /**
   * Notes an outcome and clears the flag. If one more attempt was asked for, the outcome is born
   * flagged, by whoever asked for that.
   */
  void outcome(long id, int number) {
    jdbc.sql(
            """
            UPDATE builds SET outcome = :number,
              rebuild_at = CASE WHEN again THEN coalesce(again_at, clock_timestamp()) END,
              rebuild_by = CASE WHEN again THEN again_by END,
              rebuild_why = CASE WHEN again THEN again_why END
            WHERE id = :id
            """)
        .param("id", id)
        .param("number", number)
        .update();
  }

  /** Notes the end of an attempt: where the build stands now, and the revision that says so. */
  void ended(long id, BuildStatus status, long revision) {
    jdbc.sql(
            """
            UPDATE builds SET status = :status, revision = :revision, changed_at = clock_timestamp() WHERE id = :id
            """)
        .param("id", id)
        .param("status", status.word())
        .param("revision", revision)
        .update();
  }

  /** The number of the latest attempt, 0 before the first; also that of a tombstone. */
  int latestNumber(long id) {
    return jdbc.sql("SELECT attempts FROM builds WHERE id = :id")
        .param("id", id)
        .query(Integer.class)
        .single();
  }

  /** Notes that the active attempt was taken back, and what was to follow it with it. */
  void cancelled(long id, BuildStatus status) {
    jdbc.sql(
            """
            UPDATE builds SET status = :status, changed_at = clock_timestamp(),
              again = false, again_at = NULL, again_by = NULL, again_why = NULL
            WHERE id = :id
            """)
        .param("id", id)
        .param("status", status.word())
        .update();
  }

  /** Leaves of a build only its tombstone. */
  void removed(long id, long revision) {
    jdbc.sql(
            """
            UPDATE builds SET deleted_at = clock_timestamp(), changed_at = clock_timestamp(), revision = :revision,
              status = 'unbuilt', outcome = NULL, rebuild_at = NULL, rebuild_by = NULL, rebuild_why = NULL,
              again = false, again_at = NULL, again_by = NULL, again_why = NULL, params = '{}', extras = '{}', title = '', tags = '{}'
            WHERE id = :id
            """)
        .param("id", id)
        .param("revision", revision)
        .update();
  }

  /** Notes that the one more attempt that was asked for is there. */
  void again(long id) {
    jdbc.sql(
            """
            UPDATE builds SET again = false, again_at = NULL, again_by = NULL, again_why = NULL WHERE id = :id
            """)
        .param("id", id)
        .update();
  }
}
