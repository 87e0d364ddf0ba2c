package dev.buildonce.logs.web;

/**
 * What a stream follows, as its owner knows it.
 *
 * @param <S> what the caller's own lines or events are made of
 */
public interface Followed<S> {

  /**
   * Where an attempt stands now. Asked by the stream's own thread at the start, after each signal,
   * at least every 15 s, and up to ten times a second between the closing of the log and an answer
   * that the attempt ended; it may block for a short time.
   */
  Standing<S> look(int attempt);

  /**
   * Calls back whenever {@link #look} may have another answer, until the watch is closed.
   *
   * @param onChange quick, from any thread
   */
  Watch watch(Runnable onChange);

  /** A registration that can be ended. */
  interface Watch extends AutoCloseable {

    /** Ends it; more often than once is the same as once. */
    @Override
    void close();
  }
}
