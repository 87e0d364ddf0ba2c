package dev.buildonce.problems;

import java.util.concurrent.atomic.AtomicLong;

/** What the bodies of all requests may take together, from their arrival to their answers. */
final class BodyMemory {

  /** Reading a body makes several times its size of it. */
  private static final long PART_OF_HEAP = 16;

  private final AtomicLong left;

  BodyMemory(long bytes) {
    left = new AtomicLong(bytes);
  }

  /** As much as this process can spare. */
  static BodyMemory ofThisProcess() {
    return new BodyMemory(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  /** Takes this many bytes, or none if there are fewer. */
  boolean take(long bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  /** What is not taken. */
  long left() {
    return left.get();
  }

  void giveBack(long bytes) {
    left.addAndGet(bytes);
  }
}
