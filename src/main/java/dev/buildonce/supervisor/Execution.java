package dev.buildonce.supervisor;

import dev.buildonce.supervisor.Ending.Cause;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One build from its start until the service forgets it: the end of its first process is the end of
 * its tree, then comes its last byte, then its end is on disk, and only then does it count as
 * ended.
 */
final class Execution implements Runnable {

  private static final long LOOK = 25; // milliseconds between looks whether a tree ended by itself

  private final long attempt;
  private final Folder folder;
  private final Spool spool;
  private final Consumer<Execution> changed;
  private final Trees trees;
  private final @Nullable Tree tree;
  private final @Nullable Pump pump;

  // guarded by this
  private int status = -1;
  private boolean stopping;
  private Cause cause = Cause.ITSELF;
  private long deadline; // System.nanoTime() at which patience ends, if stopping
  private boolean forgotten;
  private long silence; // nanoseconds since it was claimed, as far as a claim could have been heard
  private @Nullable Ending ending;

  /** A build about to start, which writes to the given pipe. */
  Execution(
      long attempt,
      Folder folder,
      Spool spool,
      Trees trees,
      Tree tree,
      int pipe,
      Consumer<Execution> changed) {
    this.attempt = attempt;
    this.folder = folder;
    this.spool = spool;
    this.trees = trees;
    this.tree = tree;
    this.pump = new Pump(pipe, spool, () -> changed.accept(this));
    this.changed = changed;
  }

  /** A build that ended under an earlier supervisor. */
  Execution(long attempt, Folder folder, Spool spool, Trees trees, Ending ending) {
    this.attempt = attempt;
    this.folder = folder;
    this.spool = spool;
    this.trees = trees;
    this.tree = null;
    this.pump = null;
    this.changed = _ -> {};
    this.ending = ending;
  }

  long attempt() {
    return attempt;
  }

  Spool spool() {
    return spool;
  }

  synchronized @Nullable Ending ending() {
    return ending;
  }

  /** Watches over the build that was started. */
  void begin() {
    if (pump != null) {
      Threads.start("log " + attempt, pump);
      Threads.start("build " + attempt, this);
    }
  }

  /** Says that a service carries it. */
  synchronized void claim() {
    silence = 0;
  }

  /** Lets time pass, and returns for how long nobody has claimed it. */
  synchronized long unclaimed(long nanos) {
    silence += nanos;
    return silence;
  }

  /** Takes the wait status of the first process. */
  synchronized void exited(int waitStatus) {
    status = waitStatus;
    notifyAll();
  }

  /**
   * Asks the build to end, and ends it when the grace is over. A second call can only shorten the
   * grace. What ended by itself stays so.
   */
  synchronized void stop(long graceMillis, Cause by) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
    if (status >= 0 || ending != null) {
      return;
    }
    if (!stopping) {
      stopping = true;
      cause = by;
      deadline = until;
    } else if (until - deadline < 0) {
      deadline = until;
    }
    notifyAll();
  }

  @Override
  public void run() {
    try {
      carryThrough();
    } catch (InterruptedException | RuntimeException e) {
      Log.line("build " + attempt + " is not looked after any more", e);
    }
  }

  private void carryThrough() throws InterruptedException {
    if (tree == null || pump == null) {
      return;
    }
    awaitExitOrStop();
    if (graceLeft() > 0) {
      tree.terminate();
      for (long left; (left = graceLeft()) > 0 && !tree.isGone(); ) {
        pause(Math.min(left, LOOK));
      }
    }
    tree.kill(() -> false);
    int waitStatus = awaitExit();
    trees.remove(tree);
    pump.finish();
    publish(waitStatus);
  }

  private synchronized void awaitExitOrStop() throws InterruptedException {
    while (status < 0 && !stopping) {
      wait();
    }
  }

  private synchronized int awaitExit() throws InterruptedException {
    while (status < 0) {
      wait();
    }
    return status;
  }

  /** Milliseconds during which a tree asked to end may still do so; 0 when nobody asked. */
  private synchronized long graceLeft() {
    return stopping ? (deadline - System.nanoTime() + 999_999) / 1_000_000 : 0;
  }

  private synchronized void pause(long millis) throws InterruptedException {
    wait(millis);
  }

  private void publish(int waitStatus) throws InterruptedException {
    Ending end;
    synchronized (this) {
      end = Ending.of(waitStatus, spool.length(), cause);
    }
    while (!write(end)) {
      TimeUnit.SECONDS.sleep(1);
    }
    synchronized (this) {
      ending = end;
      notifyAll();
    }
    changed.accept(this);
  }

  private boolean write(Ending end) {
    synchronized (this) {
      if (forgotten) {
        return true;
      }
    }
    try {
      folder.end(end);
      return true;
    } catch (IOException e) {
      Log.line("cannot write the end of build " + attempt, e);
      return false;
    }
  }

  /**
   * Waits for the end of a build that was told to.
   *
   * @return whether it ended in time
   */
  synchronized boolean awaitEnd(long millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = millis; ending == null && left > 0; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    }
    return ending != null;
  }

  /** Nobody wants to know the end any more, so that it need not be written. */
  synchronized void forget() {
    forgotten = true;
  }

  void delete() throws IOException {
    folder.delete();
  }
}
