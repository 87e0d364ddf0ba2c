package dev.buildonce.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection that can be looked at while Jetty does not read from it, which is from the end of a
 * request to the end of its answer.
 */
final class LineEndPoint extends SocketChannelEndPoint implements CallerLine {
  /*
   * Java cannot peek at a socket, so a look reads one byte and keeps it for Jetty's next read. Jetty waits
   * for bytes by way of the selector, which knows nothing of the one kept here; so whoever comes second,
   * the look that keeps a byte or Jetty that begins to wait, has Jetty read.
   */
  private static final int NONE = -1;

  private final Object lock = new Object();
  private int kept = NONE;

  LineEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  @Override
  public boolean isHungUp() {
    synchronized (lock) {
      if (kept != NONE) {
        return false;
      }
      ByteBuffer one = ByteBuffer.allocate(1);
      try {
        int read = getChannel().read(one);
        if (read <= 0) {
          return read < 0;
        }
      } catch (IOException _) {
        return true;
      }
      kept = Byte.toUnsignedInt(one.get(0));
    }
    readSoon();
    return false;
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    synchronized (lock) {
      if (kept == NONE || BufferUtil.space(buffer) == 0) {
        return super.fill(buffer);
      }
      int position = BufferUtil.flipToFill(buffer);
      buffer.put((byte) kept);
      BufferUtil.flipToFlush(buffer, position);
      kept = NONE;
    }
    notIdle();
    return 1;
  }

  @Override
  protected void needsFillInterest() {
    boolean here;
    synchronized (lock) {
      here = kept != NONE;
    }
    if (here) {
      readSoon();
    } else {
      super.needsFillInterest();
    }
  }

  /** Has whoever waits for bytes read them, on a thread of its own; nothing if nobody does. */
  private void readSoon() {
    Thread.startVirtualThread(() -> getFillInterest().fillable());
  }
}
