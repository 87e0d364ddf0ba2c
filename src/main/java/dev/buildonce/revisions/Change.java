package dev.buildonce.revisions;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something about a build that readers are told of.
 *
 * @param buildId whose
 * @param key its key
 * @param kind what happened
 * @param attempt the number of the attempt it happened to, or null
 * @param status the attempt's status, or null
 */
public record Change(
    long buildId, String key, Kind kind, @Nullable Integer attempt, @Nullable String status) {

  /** What happened to a build. */
  public enum Kind {
    /** An attempt succeeded or failed. */
    OUTCOME,
    /** The outcome that stands was flagged. */
    REBUILD_REQUESTED,
    /** An attempt ended without outcome. */
    ENDED,
    /** The build was deleted. */
    REMOVED;

    /** The word of the HTTP contract and the database. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind of a word. */
    public static Kind of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }
}
