package dev.buildonce.builds;

/**
 * An attempt waits for a runner; published after the commit, on the replica that queued it.
 *
 * @param buildId its build
 */
public record AttemptQueued(long buildId) {}
