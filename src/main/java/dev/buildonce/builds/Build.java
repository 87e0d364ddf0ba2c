package dev.buildonce.builds;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a key, as one read of the database saw it.
 *
 * @param id what everything else refers to
 * @param key what callers name it by
 * @param builder the name of the builder that the key names
 * @param inputs the params that the key names
 * @param inputDigest of builder and inputs
 * @param extras the params of the latest start that are no part of the key
 * @param title one line for people
 * @param tags for finding and rebuilding
 * @param status where it stands
 * @param rebuild the request that flags the outcome, or null
 * @param again whether one more attempt follows the active one
 * @param revision of the last published change, or null before the first
 * @param changedAt when an attempt of it started or ended last, or its flag changed
 * @param attempt the active attempt, else the latest, or null if there was none since a delete
 * @param outcome the latest attempt that succeeded or failed, or null
 * @param readAt the database's time of this read
 */
public record Build(
    long id,
    BuildKey key,
    String builder,
    Map<String, String> inputs,
    String inputDigest,
    Map<String, String> extras,
    String title,
    List<String> tags,
    BuildStatus status,
    @Nullable RebuildRequest rebuild,
    boolean again,
    @Nullable Long revision,
    Instant changedAt,
    @Nullable Attempt attempt,
    @Nullable Attempt outcome,
    Instant readAt) {

  /**
   * Who said that the outcome no longer answers.
   *
   * @param by who, or null
   * @param at when
   * @param why the reason given, or null
   */
  public record RebuildRequest(@Nullable String by, Instant at, @Nullable String why) {}

  /** The attempt that asks join, or null. */
  public @Nullable Attempt active() {
    return attempt != null && attempt.isActive() ? attempt : null;
  }

  /** Whether the latest attempt has not ended; one that was taken back has to, too. */
  public boolean isUnderWay() {
    return attempt != null && !attempt.status().isEnd();
  }

  /** The same, as {@code latest} stands. */
  Build with(Attempt latest) {
    return new Build(
        id,
        key,
        builder,
        inputs,
        inputDigest,
        extras,
        title,
        tags,
        status,
        rebuild,
        again,
        revision,
        changedAt,
        latest,
        outcome,
        readAt);
  }

  /** The same, as a read at that time found it again. */
  Build readAt(Instant time) {
    return new Build(
        id,
        key,
        builder,
        inputs,
        inputDigest,
        extras,
        title,
        tags,
        status,
        rebuild,
        again,
        revision,
        changedAt,
        attempt,
        outcome,
        time);
  }
}
