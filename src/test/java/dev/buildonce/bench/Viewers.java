package dev.buildonce.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Many viewers of one log, on one thread. Of the log they understand one kind of line: 19 digits,
 * the time in nanoseconds when it was written, by this machine's clock.
 */
final class Viewers implements AutoCloseable {
  private static final int DIGITS = 19;

  private final Selector selector;
  private final List<Viewer> viewers = new ArrayList<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 16);

  private Viewers(Selector selector) {
    this.selector = selector;
  }

  /** Opens a stream of a log for each viewer. */
  static Viewers open(int port, String path, String accept, int count) throws IOException {
    Viewers viewers = new Viewers(Selector.open());
    byte[] request = Load.request("GET", path, "", "Accept", accept);
    try {
      for (int i = 0; i < count; i++) {
        viewers.viewers.add(viewers.new Viewer(port, request));
      }
    } catch (IOException e) {
      viewers.close();
      throw e;
    }
    return viewers;
  }

  /** Reads what comes until something holds; false if it does not within that time. */
  boolean readUntil(BooleanSupplier done, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      selector.select(10);
      for (SelectionKey key : selector.selectedKeys()) {
        ((Viewer) key.attachment()).receive();
      }
      selector.selectedKeys().clear();
    }
    return true;
  }

  /** Reads what comes while something else goes on. */
  void readWhile(BooleanSupplier goesOn) throws IOException {
    readUntil(() -> !goesOn.getAsBoolean(), Duration.ofMinutes(10));
  }

  /** Whether all viewers have begun to get their answer. */
  boolean allBegan() {
    return viewers.stream().allMatch(viewer -> viewer.bytes > 0);
  }

  /** Whether all viewers have seen that many lines. */
  boolean allSaw(int lines) {
    return viewers.stream().allMatch(viewer -> viewer.lines >= lines);
  }

  /**
   * From the writing of each line to its arrival at the last viewer, for lines from this one on.
   */
  Latencies toLast(int from) {
    Latencies last = new Latencies();
    int lines = viewers.stream().mapToInt(viewer -> viewer.lines).min().orElse(0);
    for (int i = from; i < lines; i++) {
      int line = i;
      last.add(viewers.stream().mapToLong(viewer -> viewer.delays.get(line)).max().orElseThrow());
    }
    return last;
  }

  @Override
  public void close() throws IOException {
    for (Viewer viewer : viewers) {
      viewer.channel.close();
    }
    selector.close();
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private final class Viewer {
    private final SocketChannel channel;
    private final List<Long> delays = new ArrayList<>();
    private long bytes;
    private int lines;
    private long number;
    private int digits;

    Viewer(int port, byte[] request) throws IOException {
      channel = SocketChannel.open();
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.write(ByteBuffer.wrap(request));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void receive() throws IOException {
      input.clear();
      int read = channel.read(input);
      if (read < 0) {
        throw new IOException(
            "The service ended a stream after " + bytes + " bytes, " + lines + " lines");
      }
      bytes += read;
      input.flip();
      while (input.hasRemaining()) {
        byte b = input.get();
        if (b >= '0' && b <= '9') {
          number = 10 * number + b - '0';
          digits++;
        } else {
          if (b == '\n' && digits == DIGITS) {
            delays.add(now() - number);
            lines++;
          }
          number = 0;
          digits = 0;
        }
      }
    }
  }
}
