package dev.buildonce.builds;

/**
 * An attempt was marked as cancelled; published after the commit, on the replica that marked it.
 *
 * @param buildId its build
 */
public record AttemptCancelled(long buildId) {}
