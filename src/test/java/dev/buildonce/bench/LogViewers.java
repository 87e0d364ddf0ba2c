package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.bench.Table.Goal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Callers that follow a log. */
final class LogViewers extends Section {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  LogViewers(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    idleViewers(quick ? 50 : 5000);
    Latencies one = liveViewers(1, quick ? 10 : 100);
    int many = quick ? 20 : 1000;
    Latencies all = liveViewers(many, quick ? 10 : 200);
    table.add(
        number(many) + " viewers of a live log: line to the last of them, p50, p99",
        number(all.millis(0.5)) + ", " + number(all.millis(0.99)) + " ms",
        number(one.millis(0.5)) + ", " + number(one.millis(0.99)) + " ms, one viewer",
        number(all.millis(0.99) / one.millis(0.99)),
        Goal.atMost(250, all.millis(0.99), " ms"));
  }

  private void idleViewers(int count) throws Exception {
    String path = "/builds/idle-" + System.nanoTime();
    client.json(path, "{\"params\": {\"script\": \"echo started; sleep 300\"}}");
    awaitLine(path);
    openViewers(path, count).close(); // what is made once for all of them
    long before = liveHeap();
    try (Viewers viewers = openViewers(path, count)) {
      double each = (liveHeap() - before) / (double) count;
      table.add(
          number(count) + " idle viewers: heap of each",
          number(each / 1024) + " KB",
          number(before / 1048576.0) + " MB without them",
          "",
          Goal.atMost(20, each / 1024, " KB"));
      if (!viewers.allBegan()) {
        throw new IOException("Not all viewers got something");
      }
    }
    client.json(path + "/cancel", "{}");
  }

  private Viewers openViewers(String path, int count) throws IOException {
    Viewers viewers = Viewers.open(service.port(), path + "/log", "text/event-stream", count);
    if (!viewers.readUntil(viewers::allBegan, Duration.ofSeconds(60))) {
      viewers.close();
      throw new IOException("Not all viewers got something");
    }
    return viewers;
  }

  private Latencies liveViewers(int count, int lines) throws Exception {
    String path = "/builds/live-" + System.nanoTime();
    String script = "for i in $(seq %d); do date +%%s%%N; sleep 0.05; done; sleep 300";
    client.json(
        path, "{\"params\": {\"script\": \"sleep 1; " + script.formatted(lines + 10) + "\"}}");
    try (Viewers viewers = Viewers.open(service.port(), path + "/log", "text/plain", count)) {
      if (!viewers.readUntil(() -> viewers.allSaw(lines + 10), Duration.ofSeconds(60))) {
        throw new IOException("Not all viewers saw all lines");
      }
      client.json(path + "/cancel", "{}");
      return viewers.toLast(10);
    }
  }

  private void awaitLine(String path) throws Exception {
    for (int i = 0; i < 600; i++) {
      if (client.get(path + "/log?follow=false").text().contains("started")) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IOException("No output of " + path);
  }

  /** Bytes of the service's objects that are in use. */
  private long liveHeap() throws Exception {
    String histogram = jcmd("GC.class_histogram");
    var total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("No histogram: " + histogram);
    }
    return Long.parseLong(total.group(1));
  }

  private String jcmd(String command) throws Exception {
    String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(program, Long.toString(service.pid()), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
