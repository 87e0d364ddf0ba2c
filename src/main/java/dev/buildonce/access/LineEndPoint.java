package dev.buildonce.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that can be looked at while Jetty does not read from it, which is from the end of a
 * request to the end of its answer, and that knows how long the headers of a request take.
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

  /** The request that is answered, if there is one. */
  private volatile @Nullable Request request;

  /** When the first byte came of a request whose headers are not whole, by nanoTime. */
  private volatile @Nullable Long headersSince;

  private volatile boolean surplus;

  LineEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /** The connection of a request, unless its connector makes others. */
  static @Nullable LineEndPoint of(Request request) {
    EndPoint end = request.getConnectionMetaData().getConnection().getEndPoint();
    while (end instanceof EndPoint.Wrapper encrypted) {
      end = encrypted.unwrap();
    }
    return end instanceof LineEndPoint line ? line : null;
  }

  /** Notes that the headers of a request are whole. */
  void begin(Request begun) {
    request = begun;
    headersSince = null;
    Request.addCompletionListener(begun, _ -> end(begun));
  }

  private void end(Request ended) {
    // The next one may have begun already.
    if (request == ended) {
      request = null;
    }
  }

  /** Whether the headers of a request take longer than this. */
  boolean isLate(Duration most) {
    Long since = headersSince;
    return since != null && System.nanoTime() - since > most.toNanos();
  }

  /** Notes that it came when there were enough connections, and is told so. */
  void setSurplus() {
    surplus = true;
  }

  boolean isSurplus() {
    return surplus;
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
        int read = super.fill(buffer);
        if (read > 0) {
          came();
        }
        return read;
      }
      int position = BufferUtil.flipToFill(buffer);
      buffer.put((byte) kept);
      BufferUtil.flipToFlush(buffer, position);
      kept = NONE;
    }
    notIdle();
    came();
    return 1;
  }

  private void came() {
    if (request == null && headersSince == null) {
      headersSince = System.nanoTime();
    }
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
