package dev.buildonce;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for those who come back to the one they had. No outgoing connection is given one of these
 * meanwhile, nor does the service choose one for its Postgres.
 */
public final class Ports {
  private static final int FIRST = 10_100; // what browsers refuse is below
  private static final int COUNT = 5_000;

  /** In turn from a place of each JVM's own: two that look at a time would choose the same one. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private Ports() {}

  /** A free port of 127.0.0.1, which is not given again for long. */
  public static int free() {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + NEXT.getAndIncrement() % COUNT;
      try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException _) {
        continue; // somebody has it
      }
    }
    throw new IllegalStateException("no free port on 127.0.0.1");
  }
}
