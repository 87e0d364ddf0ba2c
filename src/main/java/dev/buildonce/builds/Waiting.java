package dev.buildonce.builds;

/** Who waits for builds. */
public interface Waiting {

  /** How many callers wait on this replica for the end of the attempt that is under way. */
  int count(Build build);
}
