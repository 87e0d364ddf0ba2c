package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A rebuild by prefix while hits go on. */
final class RebuildByPrefix extends Section {
  RebuildByPrefix(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    byte[] hit = Load.request("POST", "/builds/bench", Subject.BODY);
    Duration time = Duration.ofMillis(quick ? 300 : 5000);
    try (Load load = Load.connect(service.port(), Subject.CONNECTIONS)) {
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
      table.addLatencies("hits meanwhile, at a quarter of the rate", meanwhile, before, "before");
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
}
