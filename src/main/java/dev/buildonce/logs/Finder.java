package dev.buildonce.logs;

/** Finds one thing in lines of bytes. For one thread. */
interface Finder {

  /**
   * Finds the next place in whole lines, never of no bytes nor over a line end.
   *
   * @param from behind the last place, or where lines begin
   */
  boolean find(byte[] bytes, int from, int to);

  /** Where the place begins. */
  int start();

  /** Where it ends. */
  int end();

  /** How many bytes a place that is found bit by bit may have begun in before; of a long line. */
  int overlap();
}
