package dev.buildonce.logs.web;

import org.jspecify.annotations.Nullable;

/**
 * The lines that stand around and within a log that is answered as text. Each is one line without
 * its line end; the stream sees to it that it stands on a line of its own.
 *
 * @param <S> what the lines are made of
 */
public interface Narration<S> {

  /** The first line; null for none. */
  @Nullable String opening(S now);

  /** The line for a change, also that to the next attempt; null for none. */
  @Nullable String changed(S before, S now);

  /** The line after 30 s in which nothing was written; null for none. */
  @Nullable String silence(S now);

  /** The line in place of what was removed of the log. */
  String removed();

  /** The last line; null for none. */
  @Nullable String verdict(S last);

  /** Whether the answer is cut without its final chunk, so that curl exits non-zero. */
  boolean cut(S last);
}
