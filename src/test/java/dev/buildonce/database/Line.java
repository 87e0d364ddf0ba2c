package dev.buildonce.database;

import dev.buildonce.Ports;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A line to a Postgres that can fail in all the ways in which lines do. */
public final class Line implements AutoCloseable {

  /** What becomes of what is sent. */
  public enum Fault {
    /** Nothing: all works. */
    NONE,
    /** Open connections are reset, new ones refused. */
    REFUSED,
    /** Packets go nowhere, in both directions, and nobody is told; connecting hangs, too. */
    SWALLOWED,
    /** What the server is told goes nowhere. */
    REQUESTS_SWALLOWED,
    /** What the server answers goes nowhere. */
    ANSWERS_SWALLOWED,
    /** Every answer takes its time. */
    SLOW,
    /** Every other commit is lost with its connection: the server never hears of it. */
    LOST_BEFORE_COMMIT,
    /** Every other commit is done, and the connection lost before anybody hears of it. */
    LOST_AFTER_COMMIT
  }

  private static final Duration SLOWNESS = Duration.ofMillis(150);
  private static final byte[] COMMITTED = {
    'C', 0, 0, 0, 11, 'C', 'O', 'M', 'M', 'I', 'T', 0 // CommandComplete
  };

  private final int target;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lostCommits = new AtomicInteger();
  private final AtomicInteger commits = new AtomicInteger();
  private volatile ServerSocket server;
  private volatile Fault fault = Fault.NONE;

  public Line(int target) throws IOException {
    this.target = target;
    this.port = Ports.free();
    this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    accept(server);
  }

  /** A line to the server of a JDBC URL. */
  public static Line to(String url) {
    try {
      return new Line(Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** The same database by this line. */
  public String url(String url) {
    return url.replaceAll("//.*/", "//127.0.0.1:" + port + "/");
  }

  /** Has it fail from now on; {@link Fault#NONE} is {@link #mend}. */
  public void fail(Fault how) throws IOException {
    switch (how) {
      case NONE -> mend();
      case REFUSED -> cut();
      default -> fault = how;
    }
  }

  /** How many connections were lost about a commit. */
  public int lostCommits() {
    return lostCommits.get();
  }

  /** As {@link Fault#SWALLOWED}. */
  public void swallow() {
    fault = Fault.SWALLOWED;
  }

  /** As {@link Fault#REFUSED}. */
  public void cut() throws IOException {
    fault = Fault.REFUSED;
    server.close();
    reset();
  }

  /** Open connections are reset, new ones work. */
  public void reset() throws IOException {
    for (Socket socket : open) {
      open.remove(socket); // not those that come meanwhile
      reset(socket);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException _) {
      // Its other end was first.
    }
  }

  /** All works again; what was swallowed is lost, and its connections with it. */
  public void mend() throws IOException {
    boolean whole = fault == Fault.NONE || fault == Fault.SLOW;
    fault = Fault.NONE;
    if (!whole) {
      reset();
    }
    if (server.isClosed()) {
      ServerSocket again = new ServerSocket();
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      server = again;
      accept(again);
    }
  }

  @Override
  public void close() {
    try {
      cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket server) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try {
                  Socket client = server.accept();
                  open.add(client);
                  if (server.isClosed()) {
                    reset(client); // cut since it was accepted
                  } else if (fault != Fault.SWALLOWED) {
                    connect(client);
                  }
                } catch (IOException _) {
                  return;
                }
              }
            });
  }

  private void connect(Socket client) {
    try {
      client.setTcpNoDelay(true);
      Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
      upstream.setTcpNoDelay(true);
      open.add(upstream);
      Thread.ofVirtual().start(() -> pump(client, upstream, this::requests));
      Thread.ofVirtual().start(() -> pump(upstream, client, this::answers));
    } catch (IOException _) {
      reset(client); // the server itself is away
    }
  }

  private interface Direction {
    void pump(InputStream in, OutputStream out) throws IOException;
  }

  private void pump(Socket from, Socket to, Direction direction) {
    try (from;
        to) {
      direction.pump(from.getInputStream(), to.getOutputStream());
    } catch (IOException _) {
      // Cut.
    } catch (LostCommit _) {
      reset(from);
      reset(to);
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static final class LostCommit extends RuntimeException {
    LostCommit() {
      super(null, null, false, false);
    }
  }

  private boolean loses(Fault commit) {
    return fault == commit && commits.getAndIncrement() % 2 == 0;
  }

  /** Counted before anybody can see it. */
  private LostCommit lostCommit() {
    lostCommits.incrementAndGet();
    return new LostCommit();
  }

  /** What the client sends, message by message. */
  private void requests(InputStream from, OutputStream to) throws IOException {
    DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(from, 1 << 16));
    DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(to, 1 << 16));
    // Those before the session begins have no type: a wish for encryption, then the start.
    int code;
    do {
      int length = in.readInt();
      code = in.readInt();
      byte[] rest = in.readNBytes(length - 8);
      out.writeInt(length);
      out.writeInt(code);
      out.write(rest);
      out.flush();
    } while (code >> 16 != 3);
    Set<String> commits = new HashSet<>();
    while (true) {
      byte type = in.readByte();
      byte[] message = in.readNBytes(in.readInt() - 4);
      if (isCommit(type, message, commits) && loses(Fault.LOST_BEFORE_COMMIT)) {
        throw lostCommit();
      }
      if (fault != Fault.SWALLOWED && fault != Fault.REQUESTS_SWALLOWED) {
        out.writeByte(type);
        out.writeInt(message.length + 4);
        out.write(message);
        if (in.available() == 0) {
          out.flush();
        }
      }
    }
  }

  /** Whether a message has the server commit; notes the names of statements that do. */
  private static boolean isCommit(byte type, byte[] message, Set<String> commits) {
    if (type == 'Q') {
      return string(message, 0).equals("COMMIT");
    }
    String first = type == 'P' || type == 'B' ? string(message, 0) : "";
    if (type == 'P') {
      boolean commit = string(message, first.length() + 1).equals("COMMIT");
      if (commit) {
        commits.add(first);
      } else {
        commits.remove(first);
      }
    }
    return type == 'B' && commits.contains(string(message, first.length() + 1));
  }

  private static String string(byte[] message, int from) {
    int to = from;
    while (message[to] != 0) {
      to++;
    }
    return new String(message, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private void answers(InputStream in, OutputStream out) throws IOException {
    byte[] bytes = new byte[1 << 16];
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      if (tellsOfCommit(bytes, n) && loses(Fault.LOST_AFTER_COMMIT)) {
        throw lostCommit();
      }
      if (fault == Fault.SLOW) {
        pause();
      }
      if (fault != Fault.SWALLOWED && fault != Fault.ANSWERS_SWALLOWED) {
        out.write(bytes, 0, n);
      }
    }
  }

  /** An answer to a commit is short and comes in one piece. */
  private static boolean tellsOfCommit(byte[] bytes, int length) {
    for (int at = 0; at + COMMITTED.length <= length; at++) {
      if (java.util.Arrays.equals(
          bytes, at, at + COMMITTED.length, COMMITTED, 0, COMMITTED.length)) {
        return true;
      }
    }
    return false;
  }

  private static void pause() {
    long end = System.nanoTime() + SLOWNESS.toNanos();
    for (long left = SLOWNESS.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
