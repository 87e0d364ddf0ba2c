package dev.buildonce.supervisor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Carries what a build writes from its pipe to its spool, as long as the spool has room. */
final class Pump implements Runnable {

  static final int PIPE_CAPACITY = 256 << 10; // bytes

  private static final int PATIENCE = 250; // milliseconds until it looks around
  private static final int MOST_AFTERWARDS = 4 << 20; // bytes: more than any pipe holds
  private static final int MOST_FAILURES = 40; // in a row, a PATIENCE each, once the tree is gone

  private final int pipe;
  private final Spool spool;
  private final Runnable grown;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean treeIsGone;

  /**
   * A pump that owns the reading end of a pipe.
   *
   * @param grown told whenever the spool has more bytes
   */
  Pump(int pipe, Spool spool, Runnable grown) {
    this.pipe = pipe;
    this.spool = spool;
    this.grown = grown;
  }

  @Override
  public void run() {
    try (var arena = Arena.ofConfined()) {
      carry(arena);
    } catch (InterruptedException | RuntimeException e) {
      Log.line("a log broke off", e);
    } finally {
      Libc.close(pipe);
      closeSpool();
      done.countDown();
    }
  }

  private void carry(Arena arena) throws InterruptedException {
    var poll = arena.allocate(8, 8);
    var bytes = arena.allocate(PIPE_CAPACITY, 8);
    var buffer = bytes.asByteBuffer();
    int afterwards = 0;
    while (afterwards < MOST_AFTERWARDS) {
      // Once nobody of the tree is left, what is in the pipe is all there is, and goes over the
      // bound if it must: the rest of one pipe. Somebody else may hold the pipe open for ever.
      boolean last = treeIsGone;
      if (!last && !spool.awaitRoom(PATIENCE)) {
        continue;
      }
      if (!Libc.readable(pipe, poll, last ? 0 : PATIENCE)) {
        if (last) {
          return;
        }
        continue;
      }
      int read = Libc.read(pipe, bytes);
      if (read == 0 || (read < 0 && Libc.errno() != Libc.EINTR)) {
        return;
      }
      if (read > 0) {
        write(buffer.limit(read).position(0));
        afterwards += last ? read : 0;
      }
    }
  }

  private void write(ByteBuffer data) throws InterruptedException {
    for (int failures = 0; data.hasRemaining(); ) {
      try {
        spool.append(data);
      } catch (IOException e) {
        Log.line("cannot write a spool", e);
        if (treeIsGone && ++failures > MOST_FAILURES) {
          return;
        }
        if (treeIsGone) {
          giveUpReserve();
        }
        TimeUnit.MILLISECONDS.sleep(PATIENCE);
      }
    }
    grown.run();
  }

  private void giveUpReserve() {
    try {
      spool.giveUpReserve();
    } catch (IOException e) {
      Log.line("cannot make room for a spool", e);
    }
  }

  private void closeSpool() {
    try {
      spool.close();
    } catch (IOException e) {
      Log.line("cannot close a spool", e);
    }
  }

  /** Says that the tree is gone, and waits until its last byte is in the spool. */
  void finish() throws InterruptedException {
    treeIsGone = true;
    done.await();
  }
}
