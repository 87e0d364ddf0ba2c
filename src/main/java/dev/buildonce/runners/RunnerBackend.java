package dev.buildonce.runners;

import java.time.Duration;
import java.util.List;

/**
 * What executes attempts. It is attached to, not called: what it runs outlives this process, and
 * every method is safe to repeat for the same attempt, so that a restarted service and a fresh one
 * take the same way. An interrupt of the caller is passed on as {@link BackendUnavailable} with the
 * thread's interrupt kept.
 */
public interface RunnerBackend {

  /**
   * Starts the command of an attempt, unless that was done before. Its caches are its own from here
   * until {@link #end}, whoever is killed in between.
   *
   * @param attempt the id that no other attempt has
   * @throws StartFailed when the command cannot be executed; the attempt is not listed then
   * @throws BackendUnavailable when nobody knows whether it was started; try again
   */
  void start(long attempt, Command command);

  /**
   * What runs here, and what has ended but was not forgotten by {@link #end}.
   *
   * @throws BackendUnavailable when that cannot be known now
   */
  List<Execution> list();

  /**
   * Streams what the attempt's processes write, beginning at an offset, to the sink, and then its
   * end, exactly once. An attempt of which nothing is known, or no longer the bytes from that
   * offset on, ends as {@link End.Cause#VANISHED}. A break of the connection to the runner is
   * mended meanwhile; the sink notices nothing of it.
   *
   * @param sourceOffset the number of bytes that are stored for good already
   * @throws BackendUnavailable when the runner cannot be reached
   */
  Attachment attach(long attempt, long sourceOffset, Sink sink);

  /**
   * Asks all processes of the attempt to end (TERM) and ends them (KILL) when the grace is over,
   * until none is left; then its end arrives at the sink. Repeated, it can shorten the grace. An
   * attempt that has ended, or is not known, stays as it is.
   *
   * @param grace from zero, which means KILL at once
   * @throws BackendUnavailable when the runner cannot be reached
   */
  void stop(long attempt, Duration grace);

  /**
   * What the attempt left in the file {@code BUILD_VALUE}; to be asked for between the attempt's
   * end and {@link #end}.
   */
  Value value(long attempt);

  /**
   * Forgets the attempt and removes its directory and what it wrote. Processes that still run are
   * ended first.
   *
   * @throws BackendUnavailable when that could not be done; try again
   */
  void end(long attempt);
}
