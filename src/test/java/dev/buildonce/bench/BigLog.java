package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.bench.Table.Goal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One build that writes 1 GB. */
final class BigLog extends Section {
  private static final Pattern HEAP =
      Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\",.*} (\\S+)$");

  private static final Pattern PROCESSOR =
      Pattern.compile("(?m)^process_cpu_time_ns_total (\\S+)$");

  BigLog(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    int pieces = quick ? 1 : 16;
    Path folder = Files.createTempDirectory("buildonce-bench-");
    try (ServiceProcess small =
        quick
            ? null
            : ServiceProcess.builder()
                .asShipped()
                .jvmArguments("-Xmx256m")
                .arguments("--buildonce.builders-dir=" + folder)
                .start()) {
      Path builders = quick ? service.home().resolve("builders") : folder;
      Files.createDirectories(builders);
      Files.writeString(
          builders.resolve("big.yaml"),
          "command: [sh, -euc, \"{script}\"]\nparams: {script: {}}\nlog-limit: 2GB\n");
      Path piece = folder.resolve("piece");
      long bytes = pieces * writeLog(piece, quick ? 1 << 20 : 64 << 20);
      String script = "for i in $(seq " + pieces + "); do cat " + piece + "; done";
      if (small != null) {
        warmUp(new Client(small.url()), script.replace("seq " + pieces, "seq " + pieces / 4));
      }
      double direct = catAndSync(script, folder.resolve("copy"));
      stored(small == null ? service : small, script, bytes, direct);
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  /** Has the compiler done with what stores a log, and waits until that one is sealed as well. */
  private static void warmUp(Client caller, String script) throws Exception {
    awaitBuilder(caller, "big");
    caller.json(
        "/builds/warm?wait=10m",
        "{\"builder\": \"big\", \"params\": {\"script\": \"" + script + "\"}}");
    double before;
    double used = processorSeconds(caller);
    do {
      TimeUnit.SECONDS.sleep(6); // the sealer rests for five
      before = used;
      used = processorSeconds(caller);
    } while (used - before > 0.5);
  }

  private static double processorSeconds(Client caller) {
    return PROCESSOR
        .matcher(caller.get("/actuator/prometheus").text())
        .results()
        .mapToDouble(line -> Double.parseDouble(line.group(1)) / 1e9)
        .findFirst()
        .orElseThrow();
  }

  private void stored(ServiceProcess service, String script, long bytes, double direct)
      throws Exception {
    Client caller = new Client(service.url());
    awaitBuilder(caller, "big");
    long begin = System.nanoTime();
    var answer =
        CompletableFuture.supplyAsync(
            () ->
                caller.json(
                    "/builds/big?wait=10m",
                    "{\"builder\": \"big\", \"params\": {\"script\": \"" + script + "\"}}"));
    double heap = 0;
    while (!answer.isDone()) {
      heap = Math.max(heap, heapUsed(caller));
      TimeUnit.MILLISECONDS.sleep(500); // often enough, and does not take part
    }
    double seconds = since(begin);
    long kept = answer.get().json().path("attempt").path("log").path("bytes").asLong();
    if (kept != bytes) {
      throw new IOException("The log has " + kept + " bytes: " + answer.get().text());
    }
    double rate = bytes / 1e6 / seconds;
    double reference = bytes / 1e6 / direct;
    table.add(
        "one build that writes " + number(bytes / 1e6) + " MB: stored a second",
        number(rate) + " MB",
        number(reference) + " MB, cat > file and fsync",
        number(rate / reference),
        Goal.atLeast(0.25, rate / reference, ""));
    table.add(
        "highest heap meanwhile" + (quick ? "" : " (-Xmx256m)"),
        number(heap / 1048576) + " MB",
        "",
        "",
        Goal.atMost(256, heap / 1048576, " MB"));
  }

  /** Waits until a service knows a builder whose file was just written. */
  static void awaitBuilder(Client caller, String name) throws Exception {
    for (int i = 0; i < 300; i++) {
      if (caller.get("/builders/" + name).status() == 200) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IOException("No builder " + name);
  }

  /** Lines as builds write them: times, levels, names, some hashes; returns the length. */
  private static long writeLog(Path file, long least) throws IOException {
    Random random = new Random(42);
    List<String> words =
        List.of("compile", "test", "resolve", "link", "package", "publish", "warn");
    long bytes = 0;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; bytes < least; i++) {
        String line =
            "2026-01-01T00:%02d:%02d.%03dZ [INFO] %s module-%d %s %016x\n"
                .formatted(
                    i / 60000 % 60,
                    i / 1000 % 60,
                    i % 1000,
                    words.get(random.nextInt(words.size())),
                    random.nextInt(500),
                    words.get(random.nextInt(words.size())),
                    random.nextLong());
        out.write(line);
        bytes += line.length();
      }
    }
    return bytes;
  }

  private static double catAndSync(String script, Path copy) throws Exception {
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder("sh", "-euc", "{ " + script + "; } > " + copy + "; sync " + copy)
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("cat failed");
    }
    return since(begin);
  }

  private static double heapUsed(Client caller) {
    return HEAP.matcher(caller.get("/actuator/prometheus").text())
        .results()
        .mapToDouble(line -> Double.parseDouble(line.group(1)))
        .sum();
  }
}
