package dev.buildonce.logs.web;

import dev.buildonce.logs.LogHit;
import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogSearch;
import dev.buildonce.logs.Logs;
import dev.buildonce.streams.Ending;
import dev.buildonce.streams.Signal;
import dev.buildonce.streams.Streams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Looks through logs, a few at a time: that takes a processor, which builds and asks need as well.
 */
@Component
final class Searches {

  private static final int AT_A_TIME = Math.max(2, Runtime.getRuntime().availableProcessors());
  private static final long PATIENCE_SECONDS = 5;
  private static final Duration MOST = Duration.ofSeconds(10);
  private static final long PROGRESS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Logs logs;
  private final Streams streams;
  private final Semaphore places = new Semaphore(AT_A_TIME);

  Searches(Logs logs, Streams streams) {
    this.logs = logs;
    this.streams = streams;
  }

  /**
   * Does something that looks through a log.
   *
   * @throws TooManySearches if others do for too long
   */
  <T> T placed(Supplier<T> work) {
    take();
    try {
      return work.get();
    } finally {
      places.release();
    }
  }

  byte[] whole(LogInfo info, SearchOptions options) {
    return placed(
        () -> {
          LogSearch search = start(info, options);
          while (search.step()) {
            Thread.yield();
          }
          var json = new Json().raw("{\"hits\":[");
          hits(json, search, 0);
          return totals(json.raw("],"), info, search, options).raw("}").bytes();
        });
  }

  void stream(
      HttpServletRequest request, HttpServletResponse response, LogInfo info, SearchOptions options)
      throws IOException {
    response.setContentType("text/event-stream;charset=utf-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    response.setHeader("X-Accel-Buffering", "no");
    streams.open(
        request,
        response,
        signal -> {
          take();
          try {
            return write(response.getOutputStream(), signal, info, options);
          } finally {
            places.release();
          }
        });
  }

  private Ending write(OutputStream out, Signal signal, LogInfo info, SearchOptions options)
      throws IOException {
    LogSearch search = start(info, options);
    int told = 0;
    long last = System.nanoTime();
    boolean more = true;
    while (more && !signal.stopped()) {
      more = search.step();
      boolean due = System.nanoTime() - last >= PROGRESS;
      if (search.listed().size() > told && (told == 0 || due || !more)) {
        var json = new Json().raw("{\"hits\":[");
        hits(json, search, told);
        told = search.listed().size();
        event(out, "hits", json.raw("]}"));
      }
      if (due) {
        // That it arrives shows that the caller is still there.
        event(out, "progress", totals(new Json().raw("{"), info, search, options).raw("}"));
        last = System.nanoTime();
      }
      Thread.yield();
    }
    if (signal.stopped()) {
      return Ending.CUT;
    }
    event(out, "end", totals(new Json().raw("{"), info, search, options).raw("}"));
    return Ending.WHOLE;
  }

  private LogSearch start(LogInfo info, SearchOptions options) {
    return logs.search(
        info, options.query(), options.from(), options.limit(), options.buckets(), MOST);
  }

  private void take() {
    try {
      if (!places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new TooManySearches();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TooManySearches();
    }
  }

  private static void event(OutputStream out, String name, Json data) throws IOException {
    out.write(new Json().raw("event: " + name + "\ndata: ").bytes());
    out.write(data.raw("\n\n").bytes());
    out.flush();
  }

  private static void hits(Json json, LogSearch search, int from) {
    for (int i = from; i < search.listed().size(); i++) {
      LogHit hit = search.listed().get(i);
      byte[] bytes = hit.bytes();
      json.raw(
          "%s{\"line\":%d,\"offset\":%d,\"text\":"
              .formatted(i == from ? "" : ",", hit.line(), hit.offset()));
      json.text(bytes, 0, bytes.length - Utf8.unfinished(bytes, 0, bytes.length));
      json.raw(",\"spans\":[");
      int column = 0;
      int counted = 0;
      for (int j = 0; j < hit.spans().length; j++) {
        column += Utf8.units(bytes, counted, hit.spans()[j]);
        counted = hit.spans()[j];
        json.raw(j % 2 == 0 ? (j == 0 ? "[" : ",[") + column : "," + column + "]");
      }
      json.raw("],\"time\":").time(hit.millis()).raw("}");
    }
  }

  private static Json totals(Json json, LogInfo info, LogSearch search, SearchOptions options) {
    json.raw(
        "\"count\":%d,\"lines\":%d,\"next\":%s,\"searched\":%d,\"total\":%d,\"complete\":%b,\"timedOut\":%b"
            .formatted(
                search.hits(),
                search.lines(),
                search.next(),
                search.searched(),
                info.lines(),
                info.complete(),
                search.timedOut()));
    return options.buckets() == 0
        ? json
        : json.raw(",\"buckets\":" + Arrays.toString(search.buckets()).replace(" ", ""));
  }
}
