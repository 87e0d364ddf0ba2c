package dev.buildonce.runners;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what an attempt writes. Bytes and the end come from one thread, in order; the pending line
 * from another one, never after the end. A sink that throws is detached.
 */
public interface Sink {

  /**
   * Takes the next bytes. It may block as long as it likes: the build is held back once its spool
   * is full.
   *
   * @param data belongs to the sink only until it returns
   */
  void bytes(ByteBuffer data) throws InterruptedException;

  /**
   * Takes the line that the build has in its file {@code BUILD_PENDING}, within a second after it
   * changed.
   *
   * @param line trimmed, at most 200 characters, no control characters; null when there is none
   */
  default void pending(@Nullable String line) {}

  /** Takes the end; nothing comes after it. */
  void ended(End end);

  /**
   * Takes notice that nothing more will come although the attempt may go on: what it wrote cannot
   * be read.
   */
  void broken(RuntimeException reason);
}
