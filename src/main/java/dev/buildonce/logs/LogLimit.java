package dev.buildonce.logs;

/**
 * How much of a log is kept. The first half of it is the head; once the log is longer than the
 * limit, older bytes behind the head are dropped, so that what is kept never exceeds the limit.
 * They go an eighth of the limit at a time, so between a quarter of the limit and a half is tail.
 *
 * @param bytes what is kept at most, before compression; {@link #MIN} or more
 */
public record LogLimit(long bytes) {

  /** The smallest limit: 1 KiB. */
  public static final long MIN = 1024;

  /** Refuses a limit that leaves no room for a head and a tail. */
  public LogLimit {
    if (bytes < MIN) {
      throw new IllegalArgumentException("A log limit is at least 1 KiB, not " + bytes + " bytes");
    }
  }

  /** Where the head ends. */
  public long head() {
    return bytes / 2;
  }

  /** How long a chunk may be: short against the limit, for chunks are dropped whole. */
  int chunk() {
    return (int) Math.min(LogWriter.MAX_CHUNK, bytes / 8);
  }

  /** How much tail is left after dropping, behind a head that ends at this byte. */
  long tailBehind(long headEnd) {
    return Math.max(bytes / 4, bytes - headEnd - bytes / 8);
  }
}
