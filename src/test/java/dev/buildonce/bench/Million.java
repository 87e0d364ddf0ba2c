package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.bench.Table.Goal;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What a million builds make slower. */
final class Million extends Section {
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

  Million(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    int builds = quick ? 2000 : 1_000_000;
    Subject.Rates few = subject.rates(subject.hitRequests());
    Map<String, Double> fewPages = pages();
    long begin = System.nanoTime();
    subject.seed(builds);
    System.out.printf("(filled up to %,d builds in %.0f s)%n", builds, since(begin));
    String with = " with " + number(builds) + " builds";
    double start = quick ? subject.emptyStart() : subject.restart();
    table.add(
        "start to ready" + with,
        number(start) + " s",
        number(subject.emptyStart()) + " s, empty",
        number(start / subject.emptyStart()));
    Subject.Rates many = subject.rates(subject.hitRequests());
    double ratio = many.hits() / many.constant() / (few.hits() / few.constant());
    table.add(
        "hits a second" + with + ", over constant answers",
        number(many.hits()) + ", " + number(many.hits() / many.constant()),
        number(few.hits()) + ", " + number(few.hits() / few.constant()) + ", 1,000 builds",
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
    try (Load load = Load.connect(service.port(), 1)) {
      // The compiler's time is the same for any number of builds: all pages first, until it is
      // done.
      var turns = Stream.generate(PAGES.values()::stream).flatMap(pages -> pages).iterator();
      load.flatOut(time.multipliedBy(10), () -> request(turns.next())).all("200");
      for (var page : PAGES.entrySet()) {
        byte[] request = request(page.getValue());
        millis.put(
            page.getKey(), load.flatOut(time, () -> request).all("200").latencies().millis(0.5));
      }
    }
    return millis;
  }

  private static byte[] request(String query) {
    String limit = query.contains("limit=") ? "" : "limit=20&";
    return Load.request("GET", "/builds?" + limit + query, "");
  }
}
