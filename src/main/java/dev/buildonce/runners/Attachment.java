package dev.buildonce.runners;

/** A sink's hold on what an attempt writes. */
public interface Attachment extends AutoCloseable {

  /**
   * Says that all bytes before this offset are stored for good and need not be kept by the runner.
   * It never blocks, and may be called as often as one likes.
   */
  void stored(long sourceOffset);

  /**
   * Lets go, without any harm to the attempt. A call of the sink that is under way is interrupted;
   * after this no other one begins.
   */
  @Override
  void close();
}
