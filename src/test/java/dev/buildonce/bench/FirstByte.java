package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.bench.Table.Goal;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** How long it is from an ask to the first byte of output. */
final class FirstByte extends Section {
  FirstByte(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    int rounds = quick ? 5 : 300;
    Latencies asked = new Latencies();
    Latencies direct = new Latencies();
    for (int i = 0; i < rounds + rounds / 5; i++) {
      long ask = askToFirstByte("first-" + System.nanoTime());
      long process = processToFirstByte();
      if (i >= rounds / 5) { // the first ones only warm it up
        asked.add(ask);
        direct.add(process);
      }
    }
    double over = asked.millis(0.5) - direct.millis(0.5);
    table.add(
        "ask to first byte of output: p50, p99",
        number(asked.millis(0.5)) + ", " + number(asked.millis(0.99)) + " ms",
        number(direct.millis(0.5)) + ", " + number(direct.millis(0.99)) + " ms, process alone",
        "p50 +" + number(over) + " ms",
        Goal.atMost(20, over, " ms over"));
  }

  private long askToFirstByte(String key) throws IOException {
    byte[] request =
        Load.request(
            "POST",
            "/builds/" + key,
            "{\"params\": {\"script\": \"echo ready\"}}",
            "Accept",
            "text/plain",
            "Connection",
            "close");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout(60_000);
      socket.setTcpNoDelay(true);
      long begin = System.nanoTime();
      socket.getOutputStream().write(request);
      long took = untilReady(socket.getInputStream(), begin);
      socket.getInputStream().readAllBytes();
      return took;
    }
  }

  private static long processToFirstByte() throws Exception {
    long begin = System.nanoTime();
    Process process = new ProcessBuilder("sh", "-euc", "echo ready").start();
    long took = untilReady(process.getInputStream(), begin);
    process.waitFor();
    return took;
  }

  private static long untilReady(InputStream in, long begin) throws IOException {
    StringBuilder seen = new StringBuilder();
    byte[] buffer = new byte[8192];
    while (!seen.toString().contains("ready\n")) {
      int read = in.read(buffer);
      if (read < 0) {
        throw new IOException("No output: " + seen);
      }
      seen.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
    }
    return System.nanoTime() - begin;
  }
}
