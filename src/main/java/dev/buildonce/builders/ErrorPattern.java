package dev.buildonce.builders;

import dev.buildonce.logs.LinePattern;

/**
 * What a builder says about lines of its logs.
 *
 * @param pattern is looked for in each line
 * @param score how tellingly such a line is an error; 0 and below: it is none
 */
public record ErrorPattern(LinePattern pattern, int score) {

  /** How many a builder may have. */
  public static final int MOST = 20;

  /** The highest score; the lowest is its negative. */
  public static final int HIGHEST = 1000;
}
