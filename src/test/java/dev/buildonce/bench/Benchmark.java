package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import com.sun.management.OperatingSystemMXBean;
import dev.buildonce.Client;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import dev.buildonce.bench.Table.Goal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures the service as it is shipped, from outside, and prints a table: each figure beside a
 * reference of the same run, for figures alone say as much about the machine as about the service.
 *
 * <p>Arguments are names of sections (all by default) and {@code --quick}, which does everything in
 * small and says nothing about speed.
 */
public final class Benchmark {
  private static final String BODY = "{\"params\": {\"script\": \"echo ok\"}}";
  private static final String SECTIONS = "start hits crowd first-byte viewers log million rebuild";
  private static final int CONNECTIONS = 64;
  private static final Pattern HEAP =
      Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\",.*} (\\S+)$");
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  private final boolean quick;
  private final Table table = new Table();
  private ServiceProcess service;
  private Client client;
  private double emptyStart;
  private int seeded;

  private Benchmark(boolean quick) {
    this.quick = quick;
  }

  /** Runs the sections that are named, or all. */
  public static void main(String... arguments) throws Exception {
    Set<String> wanted = new TreeSet<>(Arrays.asList(arguments));
    wanted.remove("");
    boolean quick = wanted.remove("--quick");
    List<String> sections = List.of(SECTIONS.split(" "));
    if (!sections.containsAll(wanted)) {
      System.err.println("Usage: [--quick] [SECTION…], sections are: " + SECTIONS);
      System.exit(2);
    }
    new Benchmark(quick)
        .run(sections.stream().filter(one -> wanted.isEmpty() || wanted.contains(one)).toList());
  }

  /** Runs all sections in small; fails if one of them does. */
  static Table quick() throws Exception {
    return new Benchmark(true).run(List.of(SECTIONS.split(" ")));
  }

  private Table run(List<String> sections) throws Exception {
    String machine = machine();
    System.out.println(machine);
    try {
      start();
      for (String section : sections) {
        switch (section) {
          case "hits" -> hits();
          case "crowd" -> crowd();
          case "first-byte" -> firstByte();
          case "viewers" -> viewers();
          case "log" -> log();
          case "million" -> million();
          case "rebuild" -> rebuild();
          default -> {}
        }
      }
    } finally {
      if (service != null) {
        service.close();
      }
    }
    System.out.printf("%n%s%n%s", machine, table);
    return table;
  }

  /* ---- start ---- */

  private void start() throws Exception {
    long begin = System.nanoTime();
    var builder = ServiceProcess.builder().asShipped().arguments("--buildonce.bench=true");
    if (!quick) {
      // With all that a first start has to do, unpacking the database's programs as well.
      Path home = Files.createTempDirectory("buildonce-bench-");
      builder
          .home(home)
          .environment("BUILDONCE_DATABASE_BINARIESDIR", home.resolve("postgres").toString());
    }
    service = builder.start();
    client = new Client(service.url());
    double first = since(begin);
    emptyStart = quick ? first : restart();
    table.add(
        "start to ready: first, in an empty home",
        number(first) + " s",
        number(emptyStart) + " s, the same home again",
        number(first / emptyStart));
    seed(1000);
  }

  private double restart() {
    service.stop();
    long begin = System.nanoTime();
    service.restart();
    return since(begin);
  }

  /** Fills the database up to that many builds. */
  private void seed(int builds) throws Exception {
    if (seeded == 0) {
      client.json("/builds/bench?wait=60", BODY);
    }
    if (seeded < builds) {
      new Rows(service.home()).fill("bench", seeded, builds);
      seeded = builds;
    }
  }

  private Supplier<byte[]> hitRequests() throws Exception {
    byte[][] requests =
        new Rows(service.home())
            .someKeys(seeded, Math.min(10_000, seeded / 4)).stream()
                .map(key -> Load.request("POST", "/builds/" + key, BODY))
                .toArray(byte[][]::new);
    return () -> requests[ThreadLocalRandom.current().nextInt(requests.length)];
  }

  private static Supplier<byte[]> constantRequests() {
    byte[] request = Load.request("POST", "/bench/constant", BODY);
    return () -> request;
  }

  /* ---- hits ---- */

  private record Rates(double hits, double constant, double cpuPerHit, double cpuPerConstant) {}

  /** Takes turns, so that a disturbance from outside meets both; medians of the turns. */
  private Rates rates(Supplier<byte[]> hits) throws Exception {
    Supplier<byte[]> constant = constantRequests();
    int turns = quick ? 1 : 5;
    Duration turn = Duration.ofMillis(quick ? 300 : 2000);
    double[][] measured = new double[4][turns];
    double clientCpu = 0;
    try (Load load = Load.connect(service.port(), CONNECTIONS)) {
      warmUp(load, hits);
      warmUp(load, constant);
      for (int i = 0; i < turns; i++) {
        double cpu = cpuSeconds();
        Load.Result hit = load.flatOut(turn, hits).all("200 hit");
        double between = cpuSeconds();
        Load.Result plain = load.flatOut(turn, constant).all("200");
        measured[0][i] = hit.perSecond();
        measured[1][i] = plain.perSecond();
        measured[2][i] = (between - cpu) / hit.latencies().size();
        measured[3][i] = (cpuSeconds() - between) / plain.latencies().size();
        clientCpu = Math.max(clientCpu, plain.clientCpu());
      }
    }
    System.out.printf("(the client took at most %.0f %% of a processor)%n", 100 * clientCpu);
    return new Rates(
        median(measured[0]), median(measured[1]), median(measured[2]), median(measured[3]));
  }

  /** Until the compiler is done, which goes by calls and takes its time on a busy machine. */
  private void warmUp(Load load, Supplier<byte[]> requests) throws IOException {
    int answers = 0;
    for (int turns = 0; answers < (quick ? 100 : 100_000) && turns < 30; turns++) {
      answers += load.flatOut(Duration.ofMillis(quick ? 100 : 1000), requests).latencies().size();
    }
  }

  private void hits() throws Exception {
    Supplier<byte[]> requests = hitRequests();
    Rates rates = rates(requests);
    List<String> keys = new Rows(service.home()).someKeys(seeded, 250);
    double reads =
        new Rows(service.home()).readsPerSecond(keys, 16, Duration.ofMillis(quick ? 300 : 4000));
    table.add(
        "hits a second",
        number(rates.hits),
        number(rates.constant) + " constant answers",
        number(rates.hits / rates.constant),
        Goal.atLeast(0.33, rates.hits / rates.constant, ""));
    table.add(
        "", "", number(reads) + " reads of one row, 16 connections", number(rates.hits / reads));
    table.add(
        "processor time of a hit",
        number(rates.cpuPerHit * 1e6) + " µs",
        number(rates.cpuPerConstant * 1e6) + " µs, constant answer",
        number(rates.cpuPerHit / rates.cpuPerConstant));
    try (Load load = Load.connect(service.port(), CONNECTIONS)) {
      Duration time = Duration.ofMillis(quick ? 300 : 10_000);
      Load.Result hit = load.atRate(rates.hits / 2, time, requests).all("200 hit");
      Load.Result plain = load.atRate(rates.hits / 2, time, constantRequests()).all("200");
      latencyRow("hits at half that rate", hit.latencies(), plain.latencies(), "constant answer");
    }
  }

  private void latencyRow(String what, Latencies hit, Latencies plain, String reference) {
    table.add(
        what + ": p50, p99",
        number(hit.millis(0.5)) + ", " + number(hit.millis(0.99)) + " ms",
        number(plain.millis(0.5)) + ", " + number(plain.millis(0.99)) + " ms, " + reference,
        number(hit.millis(0.5) / plain.millis(0.5))
            + ", "
            + number(hit.millis(0.99) / plain.millis(0.99)));
  }

  /* ---- 10,000 asks of one cold key ---- */

  private void crowd() throws Exception {
    int callers = quick ? 500 : 10_000;
    int rounds = quick ? 1 : 3;
    double[] asked = new double[rounds];
    double[] constant = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      constant[i] = crowd(callers, constantRequests()).seconds();
      String path = "/builds/crowd-" + i;
      byte[] ask = Load.request("POST", path, "{\"params\": {\"script\": \"sleep 300\"}}");
      Load.Result result = crowd(callers, () -> ask);
      asked[i] = result.seconds();
      client.json(path + "/cancel", "{}");
      var expected = Map.of("202 fwd=miss", 1, "202 fwd=miss; collapsed", callers - 1);
      int attempts = client.get(path + "/attempts").json().path("attempts").size();
      if (!result.answers().equals(expected) || attempts != 1) {
        throw new IOException(attempts + " attempts, answers " + result.answers());
      }
    }
    double worst = Arrays.stream(asked).max().orElseThrow();
    table.add(
        number(callers) + " asks at once of a cold key: the last 202 (worst of " + rounds + ")",
        number(worst) + " s",
        number(median(constant)) + " s, constant answers",
        number(worst / median(constant)),
        Goal.atMost(2, worst, " s"));
  }

  private Load.Result crowd(int callers, Supplier<byte[]> request) throws IOException {
    try (Load load = Load.connect(service.port(), callers)) {
      return load.once(request);
    }
  }

  /* ---- ask to the first byte of output ---- */

  private void firstByte() throws Exception {
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

  /* ---- viewers ---- */

  private void viewers() throws Exception {
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

  /* ---- one build that writes 1 GB ---- */

  private void log() throws Exception {
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
      TimeUnit.MILLISECONDS.sleep(100);
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

  private static void awaitBuilder(Client caller, String name) throws Exception {
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

  /* ---- 1,000,000 builds ---- */

  private static final Map<String, String> PAGES = new LinkedHashMap<>();

  static {
    PAGES.put("all", "");
    PAGES.put("status=failed", "status=failed");
    PAGES.put("builder", "builder=shell");
    PAGES.put("requester", "requester=ci-7");
    PAGES.put("tag, rare", "tag=branch%3Db44&limit=1");
    PAGES.put("tag, one in 50", "tag=image%3Dbase-7");
    PAGES.put("tags, two", "tag=image%3Dbase-7&tag=repo%3Dapp-7&limit=5");
    PAGES.put("prefix of all", "prefix=seed-");
    PAGES.put("prefix of 10", "prefix=seed-000012&limit=10");
    PAGES.put("prefix of none", "prefix=none-");
    PAGES.put("flagged", "rebuildRequested=true&limit=1");
    PAGES.put("prefix and status", "prefix=seed-0000&status=failed");
  }

  private void million() throws Exception {
    int builds = quick ? 2000 : 1_000_000;
    Rates few = rates(hitRequests());
    Map<String, Double> fewPages = pages();
    long begin = System.nanoTime();
    seed(builds);
    System.out.printf("(filled up to %,d builds in %.0f s)%n", builds, since(begin));
    String with = " with " + number(builds) + " builds";
    double start = quick ? emptyStart : restart();
    table.add(
        "start to ready" + with,
        number(start) + " s",
        number(emptyStart) + " s, empty",
        number(start / emptyStart));
    Rates many = rates(hitRequests());
    double ratio = many.hits / many.constant / (few.hits / few.constant);
    table.add(
        "hits a second" + with + ", over constant answers",
        number(many.hits) + ", " + number(many.hits / many.constant),
        number(few.hits) + ", " + number(few.hits / few.constant) + ", 1,000 builds",
        number(ratio),
        Goal.atLeast(0.9, ratio, ""));
    Map<String, Double> manyPages = pages();
    fewPages.forEach(
        (page, before) -> {
          double after = manyPages.get(page);
          table.add(
              "list: " + page + with,
              number(after) + " ms",
              number(before) + " ms, 1,000 builds",
              number(after / before),
              Goal.atMost(1.1, after / before, ""));
        });
  }

  /** How long pages of the list take, one after the other, in milliseconds (p50). */
  private Map<String, Double> pages() throws IOException {
    Map<String, Double> millis = new LinkedHashMap<>();
    Duration time = Duration.ofMillis(quick ? 50 : 1500);
    for (var page : PAGES.entrySet()) {
      byte[] request = Load.request("GET", "/builds?limit=20&" + page.getValue(), "");
      if (page.getValue().contains("limit=")) {
        request = Load.request("GET", "/builds?" + page.getValue(), "");
      }
      byte[] sent = request;
      try (Load load = Load.connect(service.port(), 1)) {
        millis.put(
            page.getKey(), load.flatOut(time, () -> sent).all("200").latencies().millis(0.5));
      }
    }
    return millis;
  }

  /* ---- rebuild by prefix while hits go on ---- */

  private void rebuild() throws Exception {
    byte[] hit = Load.request("POST", "/builds/bench", BODY);
    Duration time = Duration.ofMillis(quick ? 300 : 5000);
    try (Load load = Load.connect(service.port(), CONNECTIONS)) {
      double rate = load.flatOut(time, () -> hit).all("200 hit").perSecond() / 4;
      Latencies before = load.atRate(rate, time, () -> hit).all("200 hit").latencies();
      long begin = System.nanoTime();
      var flagged = CompletableFuture.supplyAsync(this::flagAll);
      Latencies meanwhile = new Latencies();
      while (!flagged.isDone()) {
        meanwhile.addAll(
            load.atRate(rate, Duration.ofMillis(200), () -> hit).all("200 hit").latencies());
      }
      int flags = flagged.get();
      double seconds = since(begin);
      table.add(
          "rebuild by prefix of " + number(flags) + " builds",
          number(seconds) + " s",
          "",
          number(flags / seconds) + " a second");
      latencyRow("hits meanwhile, at a quarter of the rate", meanwhile, before, "before");
    }
  }

  /** Flags all filled builds, call after call; how many. */
  private int flagAll() {
    int flagged = 0;
    String cursor = null;
    do {
      String more = cursor == null ? "" : ", \"cursor\": \"" + cursor + "\"";
      var answer =
          client.json("/rebuild", "{\"prefix\": \"seed-\", \"why\": \"bench\"" + more + "}");
      if (answer.status() != 200) {
        throw new IllegalStateException(answer.text());
      }
      flagged += answer.json().path("counts").path("flagged").asInt(0);
      cursor = answer.json().path("next").asString(null);
    } while (cursor != null);
    return flagged;
  }

  /* ---- helpers ---- */

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Processor time of the service and its database so far. */
  private double cpuSeconds() {
    return Stream.concat(
                Stream.of(ProcessHandle.of(service.pid()).orElseThrow()),
                HomeProcesses.of(service.home()).stream())
            .distinct()
            .mapToLong(process -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
            .sum()
        / 1e9;
  }

  private static String machine() throws IOException {
    Path cpus = Path.of("/proc/cpuinfo");
    String model =
        Files.exists(cpus)
            ? Files.readAllLines(cpus).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("")
            : "";
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return "%d processors (%s), %d GB, load %.1f before; Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model,
            system.getTotalMemorySize() >> 30,
            system.getSystemLoadAverage(),
            Runtime.version());
  }
}
