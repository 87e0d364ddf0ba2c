package dev.buildonce.logs;

/**
 * Names one log in the database.
 *
 * @param value its number, 1 or more
 */
public record LogId(long value) {

  /** Refuses what the database never hands out. */
  public LogId {
    if (value < 1) {
      throw new IllegalArgumentException("A log id is 1 or more, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
