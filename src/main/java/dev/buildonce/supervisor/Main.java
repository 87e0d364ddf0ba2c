package dev.buildonce.supervisor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * The second process of a home. It is the parent of the builds, outlives the service that started
 * it, and goes when there is nothing left to do. Its directory is the home.
 */
public final class Main {

  /** The exit status of a supervisor that found another one. */
  public static final int ANOTHER_RUNS = 3;

  private static final long LOOK = 200; // milliseconds

  private Main() {}

  /**
   * Runs until nobody needs it.
   *
   * @param arguments the home, the path of the socket, the term in milliseconds, the name of the
   *     code
   */
  public static void main(String... arguments) throws IOException, InterruptedException {
    Libc.newSession();
    Libc.keepEndedChildren();
    Path home = Path.of(arguments[0]);
    Path socket = Path.of(arguments[1]);
    long term = Long.parseLong(arguments[2]);
    try (var lock =
        FileChannel.open(
            home.resolve("supervisor/lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (lock.tryLock() == null) {
        System.exit(ANOTHER_RUNS);
      }
      var trees = new Trees(Libc.adoptOrphans());
      var reaper = new Reaper(trees);
      var executions = new Executions(home.resolve("spools"), trees, reaper);
      executions.recover();
      Threads.start("reaper", reaper);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> endAll(executions)));

      var claim = new Claim(executions, arguments[3], term);
      Files.deleteIfExists(socket);
      try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(socket), 16);
        Threads.start("services", () -> accept(server, executions, claim));
        claim.awaitEnd(LOOK);
        Files.deleteIfExists(socket);
      }
    }
  }

  private static void accept(ServerSocketChannel server, Executions executions, Claim claim) {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        if (claim.connected()) {
          Threads.start(
              "service",
              () -> {
                try {
                  new Connection(channel, executions, claim).serve();
                } finally {
                  claim.disconnected();
                }
              });
        } else {
          channel.close();
        }
      } catch (IOException e) {
        if (server.isOpen()) {
          Log.line("cannot talk to a service", e);
        }
      }
    }
  }

  /** Whoever ends the supervisor in an orderly way ends the builds. */
  private static void endAll(Executions executions) {
    executions.abandon();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    try {
      for (Execution execution : executions.list()) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        execution.awaitEnd(Math.max(1, left));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
