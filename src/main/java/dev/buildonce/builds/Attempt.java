package dev.buildonce.builds;

import dev.buildonce.leases.Leases;
import dev.buildonce.logs.LogId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One execution for a key.
 *
 * @param id its id in the database, also that of its lease
 * @param number counts from 1 within its build
 * @param log where its output is kept
 * @param builder the name of its builder
 * @param builderVersion of the builder at its start, {@code sha256:…}
 * @param status where it stands
 * @param reason why it was needed
 * @param pendingReason what it waits for, or null
 * @param requester who asked
 * @param retry how many attempts before it in its chain counted against the builder's {@code
 *     retries}
 * @param queuedAt when it was asked for
 * @param startedAt when a runner took it, or null
 * @param finishedAt when it ended, or null
 * @param estimated how long it was expected to run when it was queued, or null
 * @param exitCode of a command that ended by itself, else null
 * @param failure what went wrong in one line, or null
 * @param excerpt what its log tells of that, or null; not in lists
 * @param value the JSON the build wrote, as written, or null
 * @param next the number of the attempt that retries it, or null
 * @param cancelledAt when it was marked as cancelled, or null
 * @param wishes what was wished for it by now, or null once it has ended
 * @param logged what is known of its log
 */
public record Attempt(
    long id,
    int number,
    LogId log,
    String builder,
    String builderVersion,
    AttemptStatus status,
    Cause reason,
    @Nullable String pendingReason,
    String requester,
    int retry,
    Instant queuedAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Duration estimated,
    @Nullable Integer exitCode,
    @Nullable String failure,
    @Nullable FailureExcerpt excerpt,
    @Nullable String value,
    @Nullable Integer next,
    @Nullable Instant cancelledAt,
    Leases.@Nullable Wishes wishes,
    Logged logged) {

  /**
   * What is known of an attempt's log.
   *
   * @param bytes its length
   * @param lines how many lines, the last one counted even without a newline
   * @param complete whether nothing will be added
   * @param removed whether it was taken away
   */
  public record Logged(long bytes, long lines, boolean complete, boolean removed) {}

  /** Whether it is queued or running and not marked as cancelled: asks join it. */
  public boolean isActive() {
    return !status.isEnd() && cancelledAt == null;
  }

  /** How long it waited for a runner, or null while it still does. */
  public @Nullable Duration queueTime() {
    Instant until = startedAt != null ? startedAt : finishedAt;
    return until == null ? null : Duration.between(queuedAt, until);
  }

  /** How long it ran, or null before its end or if it never did. */
  public @Nullable Duration runTime() {
    return startedAt == null || finishedAt == null ? null : Duration.between(startedAt, finishedAt);
  }

  /** The same, waiting for {@code reason}. */
  Attempt pending(String reason) {
    return new Attempt(
        id,
        number,
        log,
        builder,
        builderVersion,
        status,
        this.reason,
        reason,
        requester,
        retry,
        queuedAt,
        startedAt,
        finishedAt,
        estimated,
        exitCode,
        failure,
        excerpt,
        value,
        next,
        cancelledAt,
        wishes,
        logged);
  }
}
