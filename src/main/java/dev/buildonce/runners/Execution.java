package dev.buildonce.runners;

/**
 * An attempt that a back end runs or has run.
 *
 * @param attempt its id
 * @param running false once all of its processes have ended
 */
public record Execution(long attempt, boolean running) {}
