package dev.buildonce.logs.web;

import dev.buildonce.logs.LogQuery;

/**
 * What is to be found in a log, and what is told of it.
 *
 * @param query what is looked for
 * @param from the number of the first line to look at, 1 or more
 * @param limit how many of the lines found are listed, 0 to {@link #MAX_LIMIT}
 * @param buckets into how many parts of the log the lines found are counted, 0 to {@link
 *     #MAX_BUCKETS}
 */
public record SearchOptions(LogQuery query, long from, int limit, int buckets) {

  /** How many lines are listed at most. */
  public static final int MAX_LIMIT = 1000;

  /** How many buckets there are at most. */
  public static final int MAX_BUCKETS = 1000;
}
