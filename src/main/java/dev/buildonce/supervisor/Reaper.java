package dev.buildonce.supervisor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Takes notice of the end of every child, those that came to us as orphans included. */
final class Reaper implements Runnable {

  private final Trees trees;
  private final Map<Integer, IntConsumer> awaited = new ConcurrentHashMap<>();

  Reaper(Trees trees) {
    this.trees = trees;
  }

  /**
   * Starts a child, so that its end cannot be noticed before it is known.
   *
   * @param ended gets the wait status of the child
   * @param spawn returns its pid, or 0 when none was started
   */
  int spawn(IntConsumer ended, Supplier<Integer> spawn) {
    synchronized (trees) {
      int pid = spawn.get();
      if (pid > 0) {
        awaited.put(pid, ended);
      }
      trees.notifyAll();
      return pid;
    }
  }

  @Override
  @SuppressWarnings("InfiniteLoopStatement")
  public void run() {
    while (true) {
      try {
        reapNext();
      } catch (Exception e) {
        Log.line("the end of a child was not taken notice of", e);
      }
    }
  }

  private void reapNext() throws InterruptedException {
    int pid = Libc.endedChild(true);
    if (pid == Libc.CHILDLESS) {
      synchronized (trees) {
        if (Libc.endedChild(false) == Libc.CHILDLESS) {
          trees.wait(1_000);
        }
      }
      return;
    }
    int status = trees.reap(pid);
    IntConsumer ended = status < 0 ? null : awaited.remove(pid);
    if (ended != null) {
      ended.accept(status);
    }
  }
}
