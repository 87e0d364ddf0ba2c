package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import com.microsoft.playwright.Page;
import dev.buildonce.bench.Table.Goal;
import dev.buildonce.viewer.Chromium;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The log's page in a browser. */
final class LogPages extends Section {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Collects from when a line was written, which is its text, until it was painted. */
  private static final String PAINTED =
      """
      (wanted) => new Promise((told) => {
        const delays = [];
        let last = "";
        const look = () => {
          const line = [...document.querySelectorAll("#log .line .t")].map((t) => t.textContent)
              .filter((text) => /^[0-9]{19}$/.test(text)).at(-1) ?? "";
          if (line !== last) {
            last = line;
            // What is there in one frame is painted before the next one.
            requestAnimationFrame(() => {
              delays.push(performance.timeOrigin + performance.now() - Number(line.slice(0, 16)) / 1000);
              if (delays.length === wanted) told(delays);
            });
          }
          requestAnimationFrame(look);
        };
        look();
      })
      """;

  /** How long until a line that a link names is there. */
  private static final String JUMP =
      """
      (line) => new Promise((told) => {
        const begin = performance.now();
        location.hash = "#L" + line;
        const look = () => {
          const row = document.getElementById("L" + line);
          if (row && !row.classList.contains("away")) told(performance.now() - begin);
          else requestAnimationFrame(look);
        };
        look();
      })
      """;

  /** How long until a search shows its first hit, and its whole count. */
  private static final String SEARCH =
      """
      (text) => new Promise((told) => {
        const form = document.getElementById("search");
        const input = form.querySelector("input");
        document.querySelector("[data-find]").click();
        const begin = performance.now();
        input.value = text;
        input.dispatchEvent(new Event("input", {bubbles: true}));
        let first = 0;
        const look = () => {
          const now = form.querySelector("output").textContent;
          if (!first && document.querySelector(".line.current:not(.away)")) first = performance.now() - begin;
          if (first && /line/.test(now) && !now.endsWith("…")) told([first, performance.now() - begin, now]);
          else requestAnimationFrame(look);
        };
        look();
      })
      """;

  LogPages(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    if (!Chromium.isInstalled()) {
      System.out.println("(there is no Chromium: the section page is left out)");
      return;
    }
    try (Chromium chromium = new Chromium()) {
      painted(chromium, quick ? 10 : 1000, quick ? 10 : 200);
      longLog(chromium, quick ? 20_000 : 1_000_000);
      followed(chromium, quick ? 50_000 : 3_600_000);
    }
  }

  private void painted(Chromium chromium, int viewers, int lines) throws Exception {
    Latencies one = painted(chromium, lines);
    String path = live();
    Latencies beside = new Latencies();
    try (Viewers others = Viewers.open(service.port(), path + "/log", "text/plain", viewers)) {
      if (!others.readUntil(others::allBegan, Duration.ofSeconds(60))) {
        throw new IOException("Not all viewers got something");
      }
      Page page = open(chromium, path);
      AtomicBoolean painted = new AtomicBoolean();
      // The page is driven by this thread, so that another one has to read for the viewers.
      var reading =
          CompletableFuture.runAsync(
              () -> {
                try {
                  others.readWhile(() -> !painted.get());
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      collect(page, lines).forEach(beside::addMillis);
      painted.set(true);
      reading.get(60, TimeUnit.SECONDS);
    }
    client.json(path + "/cancel", "{}");
    table.add(
        "a line until it is painted, beside " + number(viewers) + " viewers: p50, p99",
        number(beside.millis(0.5)) + ", " + number(beside.millis(0.99)) + " ms",
        number(one.millis(0.5)) + ", " + number(one.millis(0.99)) + " ms, alone",
        number(beside.millis(0.99) / one.millis(0.99)),
        Goal.atMost(250, beside.millis(0.99), " ms p99"));
  }

  private Latencies painted(Chromium chromium, int lines) throws Exception {
    String path = live();
    Latencies alone = new Latencies();
    collect(open(chromium, path), lines).forEach(alone::addMillis);
    client.json(path + "/cancel", "{}");
    return alone;
  }

  /** A build that writes the time, now and then, until it is cancelled. */
  private String live() {
    String path = "/builds/painted-" + System.nanoTime();
    String script = "echo begun; sleep 3; while :; do date +%s%N; sleep 0.1; done";
    client.json(path, "{\"params\": {\"script\": \"" + script + "\"}}");
    return path;
  }

  @SuppressWarnings("unchecked")
  private static List<Number> collect(Page page, int lines) {
    return (List<Number>) evaluate(page, PAINTED, lines);
  }

  /** What a promise of the page gives, which would otherwise be waited for without end. */
  private static Object evaluate(Page page, String promise, Object argument) {
    String inTime =
        """
        (argument) => Promise.race([
          (%s)(argument),
          new Promise((_, failed) => setTimeout(() => failed(new Error("Not in time")), %d))])
        """;
    return page.evaluate(inTime.formatted(promise, PATIENCE.toMillis()), argument);
  }

  private Page open(Chromium chromium, String path) {
    Page page = chromium.page(Look.WIDE);
    page.setDefaultTimeout(PATIENCE.toMillis());
    page.navigate(service.url() + path);
    page.locator("#log .space .line").first().waitFor();
    return page;
  }

  private void longLog(Chromium chromium, int lines) throws Exception {
    Path builders = Files.createDirectories(service.home().resolve("builders"));
    Files.writeString(
        builders.resolve("long.yaml"),
        "command: [sh, -euc, \"{script}\"]\nparams: {script: {}}\nlog-limit: 1GB\n");
    BigLog.awaitBuilder(client, "long");
    String path = "/builds/long-" + System.nanoTime();
    String script =
        "seq -f '[%%08.0f] compiling src/main/module/file.c with -O2 -Wall -Wextra -fno-common and then some words to fill the line up' %d; echo 'needle in it'; seq 1000"
            .formatted(lines);
    client.json(
        path + "?wait=5m", "{\"builder\": \"long\", \"params\": {\"script\": \"" + script + "\"}}");
    open(chromium, path).context().close(); // the assets are there, and the compiler is warm
    Page page = open(chromium, path);
    page.waitForCondition(
        () ->
            (boolean)
                page.evaluate(
                    "() => performance.getEntriesByName('first-contentful-paint').length > 0"));
    double paint =
        ((Number)
                page.evaluate(
                    "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
                        + " - performance.getEntriesByType('navigation')[0].responseEnd"))
            .doubleValue();
    table.add(
        "page of a log of " + number(lines) + " lines: first paint after its HTML",
        number(paint) + " ms",
        "",
        "",
        Goal.atMost(300, paint, " ms"));
    Latencies jumps = new Latencies();
    for (int i = 1; i <= 20; i++) {
      jumps.addMillis((Number) evaluate(page, JUMP, i * 7919 % 20 * (lines / 20) + 1));
    }
    table.add(
        "a jump to a line of it: p50, p99",
        number(jumps.millis(0.5)) + ", " + number(jumps.millis(0.99)) + " ms",
        "",
        "",
        Goal.atMost(150, jumps.millis(0.5), " ms"));
    List<?> rare = (List<?>) evaluate(page, SEARCH, "needle");
    List<?> frequent = (List<?>) evaluate(page, SEARCH, "-Wextra");
    table.add(
        "search of it: whole count, rare; first hit, in every line",
        number(millis(rare, 1)) + "; " + number(millis(frequent, 0)) + " ms",
        number(millis(frequent, 1)) + " ms, whole count of every line",
        "",
        Goal.atMost(1000, millis(rare, 1), " ms"));
  }

  private static double millis(List<?> told, int index) {
    return ((Number) told.get(index)).doubleValue();
  }

  private void followed(Chromium chromium, int lines) throws IOException {
    String path = "/builds/followed-" + System.nanoTime();
    String script =
        "sleep 3; seq -f 'line %%.0f of a build that writes as fast as it can' %d".formatted(lines);
    client.json(path, "{\"params\": {\"script\": \"" + script + "\"}}");
    Page page = chromium.page(Look.WIDE);
    page.setDefaultTimeout(PATIENCE.toMillis());
    page.navigate(service.url() + path);
    var session = page.context().newCDPSession(page);
    double highest = 0;
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!page.locator("#connection").textContent().equals("Ended")) {
      if (System.nanoTime() > end) {
        throw new IOException("Not ended within " + PATIENCE);
      }
      highest =
          Math.max(highest, session.send("Runtime.getHeapUsage").get("usedSize").getAsDouble());
      page.waitForTimeout(200);
    }
    session.send("HeapProfiler.collectGarbage");
    double kept = session.send("Runtime.getHeapUsage").get("usedSize").getAsDouble();
    table.add(
        "heap of a page that followed " + number(lines) + " lines as fast as they came",
        number(kept / 1e6) + " MB",
        number(highest / 1e6) + " MB at most meanwhile",
        "",
        Goal.atMost(60, highest / 1e6, " MB"));
  }
}
