package dev.buildonce.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a server that can be cut in all the ways in which lines are. */
public final class Line implements AutoCloseable {

  private final int target;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket server;
  private volatile boolean swallowing;

  public Line(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = server.getLocalPort();
    accept(server);
  }

  public int port() {
    return port;
  }

  /** Packets go nowhere, in both directions, and nobody is told; connecting hangs, too. */
  public void swallow() {
    swallowing = true;
  }

  /** Open connections are reset, new ones refused. */
  public void cut() throws IOException {
    server.close();
    reset();
  }

  /** Open connections are reset, new ones work. */
  public void reset() throws IOException {
    for (Socket socket : open) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException _) {
        // Its other end was first.
      }
    }
    open.clear();
  }

  /** All works again; what was swallowed is lost, and its connections with it. */
  public void mend() throws IOException {
    reset();
    swallowing = false;
    if (server.isClosed()) {
      ServerSocket again = new ServerSocket();
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      server = again;
      accept(again);
    }
  }

  @Override
  public void close() throws IOException {
    cut();
  }

  private void accept(ServerSocket server) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try {
                  Socket client = server.accept();
                  open.add(client);
                  if (!swallowing) {
                    Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
                    open.add(upstream);
                    pump(client, upstream);
                    pump(upstream, client);
                  }
                } catch (IOException _) {
                  return;
                }
              }
            });
  }

  private void pump(Socket from, Socket to) {
    Thread.ofVirtual()
        .start(
            () -> {
              byte[] bytes = new byte[8192];
              try (from;
                  to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                  if (!swallowing) {
                    out.write(bytes, 0, n);
                  }
                }
              } catch (IOException _) {
                // Cut.
              }
            });
  }
}
