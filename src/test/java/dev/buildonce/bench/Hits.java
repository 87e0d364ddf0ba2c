package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.bench.Table.Goal;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Asks that are answered at once. */
final class Hits extends Section {
  Hits(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    Supplier<byte[]> requests = subject.hitRequests();
    Subject.Rates rates = subject.rates(requests);
    table.add(
        "hits a second",
        number(rates.hits()),
        number(rates.constant()) + " constant answers",
        number(rates.hits() / rates.constant()),
        Goal.atLeast(0.33, rates.hits() / rates.constant(), ""));
    table.add(
        "processor time of a hit",
        number(rates.cpuPerHit() * 1e6) + " µs",
        number(rates.cpuPerConstant() * 1e6) + " µs, constant answer",
        number(rates.cpuPerHit() / rates.cpuPerConstant()));
    try (Load load = Load.connect(service.port(), Subject.CONNECTIONS)) {
      Duration time = Duration.ofMillis(quick ? 300 : 10_000);
      // What it takes to begin, the client's own code above all, is no latency of a hit.
      load.atRate(rates.hits() / 2, time.dividedBy(5), requests).all("200 hit");
      Load.Result hit = load.atRate(rates.hits() / 2, time, requests).all("200 hit");
      Load.Result plain =
          load.atRate(rates.hits() / 2, time, Subject.constantRequests()).all("200");
      table.addLatencies(
          "hits at half that rate", hit.latencies(), plain.latencies(), "constant answer");
    }
    // Last: its connections, as they end, take their time from whatever is measured next.
    List<String> keys = new Rows(service.home()).someKeys(subject.seeded(), 250);
    double reads =
        new Rows(service.home()).readsPerSecond(keys, 16, Duration.ofMillis(quick ? 300 : 4000));
    table.add(
        "hits a second",
        "",
        number(reads) + " reads of one row, 16 connections",
        number(rates.hits() / reads));
  }
}
