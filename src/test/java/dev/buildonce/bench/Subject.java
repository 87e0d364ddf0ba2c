package dev.buildonce.bench;

import dev.buildonce.Client;
import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The service that is measured, as it is shipped. */
final class Subject implements AutoCloseable {
  static final String BODY = "{\"params\": {\"script\": \"echo ok\"}}";
  static final int CONNECTIONS = 64;

  private final boolean quick;
  private final ServiceProcess service;
  private final Client client;
  private final double firstStart;
  private final double emptyStart;
  private int seeded;

  /** Starts it; a quick one is started once only. */
  Subject(boolean quick) throws Exception {
    this.quick = quick;
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
    firstStart = Section.since(begin);
    emptyStart = quick ? firstStart : restart();
    seed(1000);
  }

  /** Whether everything is done in small. */
  boolean quick() {
    return quick;
  }

  ServiceProcess service() {
    return service;
  }

  Client client() {
    return client;
  }

  /** How long the first start took in seconds, in an empty home. */
  double firstStart() {
    return firstStart;
  }

  /** How long the next start took in the same home. */
  double emptyStart() {
    return emptyStart;
  }

  /** Starts it once more and says how long that takes, in seconds. */
  double restart() {
    service.stop();
    long begin = System.nanoTime();
    service.restart();
    return Section.since(begin);
  }

  /** Fills the database up to that many builds. */
  void seed(int builds) throws Exception {
    if (seeded == 0) {
      client.json("/builds/bench?wait=60", BODY);
    }
    if (seeded < builds) {
      new Rows(service.home()).fill("bench", seeded, builds);
      seeded = builds;
    }
  }

  /** How many builds it was filled with. */
  int seeded() {
    return seeded;
  }

  /** Asks for those, that are hits. */
  Supplier<byte[]> hitRequests() throws Exception {
    byte[][] requests =
        new Rows(service.home())
            .someKeys(seeded, Math.min(10_000, seeded / 4)).stream()
                .map(key -> Load.request("POST", "/builds/" + key, BODY))
                .toArray(byte[][]::new);
    return () -> requests[ThreadLocalRandom.current().nextInt(requests.length)];
  }

  /** Asks for an answer of the same server that knows nothing of builds. */
  static Supplier<byte[]> constantRequests() {
    byte[] request = Load.request("POST", "/bench/constant", BODY);
    return () -> request;
  }

  /**
   * How many a second, and the processor time of each.
   *
   * @param hits asks that are hits
   * @param constant asks for constant answers
   * @param cpuPerHit in seconds
   * @param cpuPerConstant in seconds
   */
  record Rates(double hits, double constant, double cpuPerHit, double cpuPerConstant) {}

  /** Takes turns, so that a disturbance from outside meets both; medians of the turns. */
  Rates rates(Supplier<byte[]> hits) throws Exception {
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
        Section.median(measured[0]),
        Section.median(measured[1]),
        Section.median(measured[2]),
        Section.median(measured[3]));
  }

  /** Until the compiler is done, which goes by calls and takes its time on a busy machine. */
  private void warmUp(Load load, Supplier<byte[]> requests) throws IOException {
    int answers = 0;
    for (int turns = 0; answers < (quick ? 100 : 100_000) && turns < 30; turns++) {
      answers += load.flatOut(Duration.ofMillis(quick ? 100 : 1000), requests).latencies().size();
    }
  }

  /** Processor time of the service and its database so far. */
  double cpuSeconds() {
    return Stream.concat(
                Stream.of(ProcessHandle.of(service.pid()).orElseThrow()),
                HomeProcesses.of(service.home()).stream())
            .distinct()
            .mapToLong(process -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
            .sum()
        / 1e9;
  }

  @Override
  public void close() {
    service.close();
  }
}
