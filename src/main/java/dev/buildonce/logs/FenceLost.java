package dev.buildonce.logs;

/** Another fence writes this log now, or the log is closed: nothing was stored. */
public final class FenceLost extends RuntimeException {

  /** The log that was not written. */
  private final transient LogId log;

  private final long fence;

  FenceLost(LogId log, long fence) {
    super("Log " + log + " takes no more bytes from fence " + fence);
    this.log = log;
    this.fence = fence;
  }

  /** Which log. */
  public LogId log() {
    return log;
  }

  /** The fence that lost it. */
  public long fence() {
    return fence;
  }
}
