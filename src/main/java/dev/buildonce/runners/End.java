package dev.buildonce.runners;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt's processes ended; none is left.
 *
 * @param exitCode 0 to 255, of the first process, if it exited
 * @param signal that killed the first process, if one did
 * @param sourceBytes all that was written
 * @param cause who ended it
 */
public record End(
    @Nullable Integer exitCode, @Nullable Integer signal, long sourceBytes, Cause cause) {

  /** Who ended an attempt's processes. */
  public enum Cause {
    /** The first process ended by itself, or by a signal that is not ours. */
    ITSELF,
    /** {@link RunnerBackend#stop} was called before the first process ended. */
    STOPPED,
    /** No service gave its runner a sign of life for a term. */
    UNCLAIMED,
    /** The runner is gone, and with it the knowledge how the command ended. */
    VANISHED
  }

  /** Whether the attempt was lost: nobody knows what would have become of it. */
  public boolean vanished() {
    return cause == Cause.VANISHED || cause == Cause.UNCLAIMED;
  }
}
