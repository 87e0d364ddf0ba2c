package dev.buildonce.builds;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended, as its runner saw it.
 *
 * @param status an end
 * @param exitCode of a command that ended by itself, else null
 * @param failure what went wrong in one line of at most 500 characters, null for a success
 * @param value the JSON that the build wrote, or null
 * @param retry whether another attempt may do better
 * @param excerpt what its log tells of the failure, or null
 */
public record AttemptEnd(
    AttemptStatus status,
    @Nullable Integer exitCode,
    @Nullable String failure,
    @Nullable String value,
    Retry retry,
    @Nullable FailureExcerpt excerpt) {

  /** Whether another attempt may do better. */
  public enum Retry {
    /** No: it ends the chain. */
    NO,
    /** Yes, as often as the builder's {@code retries} allow. */
    COUNTED,
    /** Yes, because the service itself stopped or crashed: at most 3 times a chain, not counted. */
    NOT_COUNTED
  }

  public AttemptEnd {
    if (!status.isEnd()) {
      throw new IllegalArgumentException(status + " is no end");
    }
    failure = failure == null ? null : OneLine.of(failure, 500);
  }

  /** A command that ended by itself with 0. */
  public static AttemptEnd succeeded(@Nullable String value) {
    return new AttemptEnd(AttemptStatus.SUCCEEDED, 0, null, value, Retry.NO, null);
  }

  /** A command that ended by itself and said no. */
  public static AttemptEnd failed(
      @Nullable Integer exitCode, String failure, @Nullable String value) {
    return new AttemptEnd(AttemptStatus.FAILED, exitCode, failure, value, Retry.NO, null);
  }

  /** An attempt that took too long. */
  public static AttemptEnd timedOut(String failure) {
    return new AttemptEnd(AttemptStatus.TIMED_OUT, null, failure, null, Retry.NO, null);
  }

  /** An attempt that was taken back. */
  public static AttemptEnd cancelled(String failure) {
    return new AttemptEnd(AttemptStatus.CANCELLED, null, failure, null, Retry.NO, null);
  }

  /** An attempt that our side failed. */
  public static AttemptEnd errored(@Nullable Integer exitCode, String failure, Retry retry) {
    return new AttemptEnd(AttemptStatus.ERRORED, exitCode, failure, null, retry, null);
  }

  /** An attempt whose runner or service vanished. */
  public static AttemptEnd lost(String failure, Retry retry) {
    return new AttemptEnd(AttemptStatus.LOST, null, failure, null, retry, null);
  }

  /** The same, with what the log tells of it. */
  public AttemptEnd with(@Nullable FailureExcerpt told) {
    return new AttemptEnd(status, exitCode, failure, value, retry, told);
  }
}
