package dev.buildonce.builds;

/** The three answers to an ask. */
public sealed interface Answer {
  /** The build as the answer was decided. */
  Build build();

  /** The outcome that stands answers. */
  record Hit(Build build) implements Answer {}

  /** An attempt is under way; {@code cause}: why the outcome, if any, did not answer. */
  record Joined(Build build, Cause cause) implements Answer {}

  /** This ask started an attempt. */
  record Started(Build build, Cause cause) implements Answer {}
}
