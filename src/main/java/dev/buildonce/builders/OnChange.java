package dev.buildonce.builders;

/** What becomes of outcomes when the definition of their builder changes. */
public enum OnChange {
  /** They no longer answer. */
  REBUILD,
  /** They go on answering. */
  KEEP
}
