package dev.buildonce.logs.web;

import dev.buildonce.logs.LogFold;
import dev.buildonce.logs.LogFolds;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogLine;
import dev.buildonce.logs.LogPage;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.Logs;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Answers with what is in a log, as documents: its lines, folds, and what is found in it. */
@Component
public final class LogParts {

  /** How many lines one answer has at most. */
  public static final int MAX_LINES = 10_000;

  /** About how many bytes of a log one answer has. */
  private static final int MAX_BYTES = 1024 * 1024;

  private static final Duration MOST_FOLDING = Duration.ofSeconds(5);

  private final Logs logs;
  private final Searches searches;

  LogParts(Logs logs, Searches searches) {
    this.logs = logs;
    this.searches = searches;
  }

  /**
   * The folds of what is stored.
   *
   * @param ended whether the end of the attempt is published
   * @throws LogRemoved (410) if the log was removed
   */
  public ResponseEntity<byte[]> folds(HttpServletRequest request, LogId id, boolean ended) {
    return answer(
        request,
        id,
        ended,
        "folds",
        info -> folds(info, searches.placed(() -> logs.folds(info, MOST_FOLDING))));
  }

  private static Json folds(LogInfo info, LogFolds found) {
    var json = new Json().raw("{\"folds\":[");
    String comma = "";
    for (LogFold fold : found.folds()) {
      json.raw(comma + "{\"first\":" + fold.first() + ",\"last\":" + fold.last() + ",\"title\":");
      json.text(fold.title()).raw(",\"open\":" + fold.open() + ",\"seconds\":");
      json.raw((fold.millis() == null ? "null" : fold.millis() / 1000.0) + "}");
      comma = ",";
    }
    return json.raw(
        "],\"truncated\":%b,\"total\":%d,\"complete\":%b}"
            .formatted(found.truncated(), info.lines(), info.complete()));
  }

  /**
   * What is found in what is stored, in one answer.
   *
   * @param ended whether the end of the attempt is published
   * @throws LogRemoved (410) if the log was removed
   */
  public ResponseEntity<byte[]> search(LogId id, boolean ended, SearchOptions options) {
    LogInfo info = kept(id);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(ended && info.complete() ? CacheControl.noCache() : CacheControl.noStore())
        .body(searches.whole(info, options));
  }

  /**
   * What is found in what is stored, as events: {@code hits} as they are found, {@code progress},
   * and {@code end}. It stops when the caller goes.
   *
   * @throws LogRemoved (410) if the log was removed
   */
  public void search(
      HttpServletRequest request, HttpServletResponse response, LogId id, SearchOptions options)
      throws IOException {
    searches.stream(request, response, kept(id), options);
  }

  private LogInfo kept(LogId id) {
    LogInfo info = logs.info(id);
    if (info.removed()) {
      throw new LogRemoved();
    }
    return info;
  }

  /**
   * Lines of what is stored.
   *
   * @param ended whether the end of the attempt is published
   * @param from the number of the first one, 1 or more
   * @param count how many at most, 1 to {@link #MAX_LINES}
   * @param timestamps whether to say when each line came
   * @throws LogRemoved (410) if the log was removed
   */
  public ResponseEntity<byte[]> lines(
      HttpServletRequest request,
      LogId id,
      boolean ended,
      long from,
      int count,
      boolean timestamps) {
    return answer(
        request,
        id,
        ended,
        "lines " + from + " " + count + " " + timestamps,
        info -> page(info, from, logs.lines(info, from, count, MAX_BYTES), timestamps));
  }

  private ResponseEntity<byte[]> answer(
      HttpServletRequest request,
      LogId id,
      boolean ended,
      String form,
      Function<LogInfo, Json> content) {
    LogInfo info = kept(id);
    if (!ended || !info.complete()) {
      return ResponseEntity.ok()
          .contentType(MediaType.APPLICATION_JSON)
          .cacheControl(CacheControl.noStore())
          .body(content.apply(info).bytes());
    }
    String tag = LogTag.of(info, form, false);
    boolean unchanged = LogTag.matches(request.getHeader(HttpHeaders.IF_NONE_MATCH), tag);
    ResponseEntity.BodyBuilder reply =
        ResponseEntity.status(unchanged ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
            .cacheControl(CacheControl.noCache())
            .eTag(tag);
    return unchanged
        ? reply.build()
        : reply.contentType(MediaType.APPLICATION_JSON).body(content.apply(info).bytes());
  }

  private static Json page(LogInfo info, long from, LogPage page, boolean timestamps) {
    var json = new Json();
    List<Integer> cut = new ArrayList<>();
    json.raw("{\"from\":" + from + ",\"lines\":[");
    int droppedAt = -1;
    for (int i = 0; i < page.lines().size(); i++) {
      json.raw(i == 0 ? "" : ",");
      switch (page.lines().get(i)) {
        case LogLine.Kept kept -> {
          if (kept.cut()) {
            cut.add(i);
          }
          json.line(kept);
        }
        case LogLine.Dropped(var piece) -> {
          droppedAt = i;
          json.text(DroppedMarker.of(piece, false).stripTrailing());
        }
      }
    }
    json.raw("],\"total\":" + info.lines() + ",\"complete\":" + info.complete());
    json.raw(",\"next\":" + page.next() + ",\"cut\":" + cut + ",\"dropped\":");
    if (droppedAt >= 0 && page.lines().get(droppedAt) instanceof LogLine.Dropped(var piece)) {
      json.raw(
          "{\"index\":%d,\"line\":%d,\"lines\":%d,\"bytes\":%d}"
              .formatted(droppedAt, piece.line(), piece.newlines(), piece.bytes()));
    } else {
      json.raw("null");
    }
    if (timestamps) {
      json.raw(",\"times\":[");
      for (int i = 0; i < page.lines().size(); i++) {
        json.raw(i == 0 ? "" : ",");
        json.time(page.lines().get(i) instanceof LogLine.Kept kept ? kept.millis() : -1);
      }
      json.raw("]");
    }
    json.raw("}");
    return json;
  }
}
