package dev.buildonce.bench;

import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Asks over many connections, from one thread that does next to nothing but read and write: what it
 * costs is taken from the service it measures, on the same processors.
 */
final class Load implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(StandardCharsets.ISO_8859_1);

  private final int port;
  private final Selector selector;
  private final List<Connection> connections = new ArrayList<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 20);

  private Load(int port) throws IOException {
    this.port = port;
    this.selector = Selector.open();
  }

  /** Connects that many times to a port of this machine. */
  static Load connect(int port, int connections) throws IOException {
    Load load = new Load(port);
    try {
      for (int i = 0; i < connections; i++) {
        load.connections.add(load.new Connection());
      }
    } catch (IOException e) {
      load.close();
      throw e;
    }
    return load;
  }

  /** A request of a method, path and body, each a string of ASCII. */
  static byte[] request(String method, String path, String body, String... headers) {
    StringBuilder head =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    if (method.equals("POST")) {
      head.append("Content-Type: application/json\r\nContent-Length: ")
          .append(body.length())
          .append("\r\n");
    }
    return head.append("\r\n").append(body).toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * What a run gave.
   *
   * @param latencies from the moment a request was due, so that a slow answer also counts for those
   *     that had to wait behind it
   * @param clientCpu processor time of this client per second
   * @param answers by status and Cache-Status
   */
  record Result(
      double seconds, Latencies latencies, double clientCpu, Map<String, Integer> answers) {
    double perSecond() {
      return latencies.size() / seconds;
    }

    /** The number of answers with this status and Cache-Status, which must be all of them. */
    Result all(String answer) throws IOException {
      if (answers.size() != 1 || !answers.containsKey(answer)) {
        throw new IOException("Not all answers are " + answer + ": " + answers);
      }
      return this;
    }
  }

  /** As many as the service takes: each connection asks again once it has its answer. */
  Result flatOut(Duration time, Supplier<byte[]> requests) throws IOException {
    return new Run(requests).closed(time);
  }

  /** That many a second, at even distances, whether answers come or not. */
  Result atRate(double perSecond, Duration time, Supplier<byte[]> requests) throws IOException {
    return new Run(requests).open(perSecond, time);
  }

  /** One request on each connection, all at once. */
  Result once(Supplier<byte[]> requests) throws IOException {
    return new Run(requests).once();
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }

  private final class Run {
    private final Supplier<byte[]> requests;
    private final Latencies latencies = new Latencies();
    private final Map<String, Integer> answers = new TreeMap<>();
    private final ArrayDeque<Connection> idle = new ArrayDeque<>(connections);
    private final long begin = System.nanoTime();
    private final long cpu = cpu();
    private long giveUp;
    private int again = connections.size(); // once each, for a machine that stood still

    Run(Supplier<byte[]> requests) {
      this.requests = requests;
    }

    Result closed(Duration time) throws IOException {
      long end = begin + time.toNanos();
      giveUp = end + PATIENCE.toNanos();
      for (long now = begin; now < end || latencies.size() == 0; now = System.nanoTime()) {
        sendToIdle(now);
        take(selector.select(100));
      }
      long measured = System.nanoTime();
      Result result = result(measured);
      drain();
      return result;
    }

    Result open(double perSecond, Duration time) throws IOException {
      double interval = 1e9 / perSecond;
      long count = Math.max(1, (long) (perSecond * time.toNanos() / 1e9));
      giveUp = begin + time.toNanos() + PATIENCE.toNanos();
      long sent = 0;
      while (sent < count) {
        long due = begin + (long) (sent * interval);
        long left = due - System.nanoTime();
        if (left > 0 || idle.isEmpty()) {
          LockSupport.parkNanos(Math.clamp(left, 20_000, 100_000));
        } else {
          idle.poll().send(requests.get(), due);
          sent++;
        }
        take(selector.selectNow());
      }
      drain();
      return result(System.nanoTime());
    }

    Result once() throws IOException {
      giveUp = begin + PATIENCE.toNanos();
      sendToIdle(begin);
      drain();
      return result(System.nanoTime());
    }

    private void sendToIdle(long due) throws IOException {
      while (!idle.isEmpty()) {
        idle.poll().send(requests.get(), due);
      }
    }

    private void drain() throws IOException {
      while (idle.size() < connections.size()) {
        take(selector.select(1000));
      }
    }

    private void take(int ready) throws IOException {
      if (System.nanoTime() > giveUp) {
        throw new IOException("No answers for " + PATIENCE);
      }
      if (ready == 0) {
        return;
      }
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        String answer = connection.receive();
        if (answer != null && answer.startsWith("503") && again > 0) {
          again--;
          connection.sendAgain();
        } else if (answer != null) {
          idle.add(connection);
          latencies.add(System.nanoTime() - connection.due);
          answers.merge(answer, 1, Integer::sum);
        }
      }
      selector.selectedKeys().clear();
    }

    private Result result(long end) {
      double seconds = (end - begin) / 1e9;
      return new Result(
          seconds, latencies.copy(), (cpu() - cpu) / 1e9 / seconds, new TreeMap<>(answers));
    }
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private final class Connection {
    private final SocketChannel channel;
    private byte[] head = new byte[1024];
    private int headSize;
    private long bodyLeft = -1;
    private String answer = "";
    private byte[] request = {};
    private long due;

    Connection() throws IOException {
      channel = SocketChannel.open();
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(byte[] request, long due) throws IOException {
      this.due = due;
      this.request = request;
      sendAgain();
    }

    void sendAgain() throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(request);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Reads what is there; the answer's status and Cache-Status once it is whole, else null. */
    String receive() throws IOException {
      input.clear();
      int read = channel.read(input);
      if (read < 0) {
        throw new EOFException("The service closed the connection");
      }
      input.flip();
      while (bodyLeft < 0 && input.hasRemaining()) {
        head(input.get());
      }
      if (bodyLeft >= 0) {
        bodyLeft -= input.remaining();
      }
      if (bodyLeft != 0) {
        return null;
      }
      bodyLeft = -1;
      return answer;
    }

    private void head(byte b) throws IOException {
      if (headSize == head.length) {
        throw new IOException("Headers are too long");
      }
      head[headSize++] = b;
      if (b == '\n' && headSize >= 4 && head[headSize - 2] == '\r' && head[headSize - 3] == '\n') {
        bodyLeft = length();
        answer = new String(head, 9, 3, StandardCharsets.ISO_8859_1) + cacheStatus();
        headSize = 0;
      }
    }

    private long length() throws IOException {
      int at = find(LENGTH);
      if (at < 0) {
        throw new IOException(
            "No Content-Length: " + new String(head, 0, headSize, StandardCharsets.ISO_8859_1));
      }
      long length = 0;
      for (int i = at; head[i] != '\r'; i++) {
        if (head[i] != ' ') {
          length = 10 * length + head[i] - '0';
        }
      }
      return length;
    }

    private String cacheStatus() {
      int at = find("\r\ncache-status: buildonce;".getBytes(StandardCharsets.ISO_8859_1));
      if (at < 0) {
        return "";
      }
      int end = at;
      while (head[end] != '\r') {
        end++;
      }
      return new String(head, at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** Where in the headers the first character after this name is, whatever its case, or -1. */
    private int find(byte[] name) {
      for (int from = 0; from + name.length < headSize; from++) {
        int i = 0;
        while (i < name.length && Character.toLowerCase(head[from + i]) == name[i]) {
          i++;
        }
        if (i == name.length) {
          return from + i;
        }
      }
      return -1;
    }
  }
}
