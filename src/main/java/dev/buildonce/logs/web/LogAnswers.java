package dev.buildonce.logs.web;

import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.Logs;
import dev.buildonce.streams.Streams;
import dev.buildonce.streams.ViewersProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Answers a request with a log: as text, as text between our own lines, or as events. The answer is
 * written by a thread of its own after the call returned; the caller sets its own headers (and a
 * status other than 200) before the call. All of them answer HEAD with the headers alone.
 */
@Component
public final class LogAnswers {

  private final Logs logs;
  private final Streams streams;
  private final ViewersProperties properties;

  LogAnswers(Logs logs, Streams streams, ViewersProperties properties) {
    this.logs = logs;
    this.streams = streams;
    this.properties = properties;
  }

  /**
   * The bytes of a log and nothing else.
   *
   * @param attempt whose log it begins with
   * @throws LogRemoved (410) if that log was removed
   * @throws dev.buildonce.problems.Problem 416 for a range behind the end, 503 if too many logs are
   *     being streamed
   */
  public <S> void text(
      HttpServletRequest request,
      HttpServletResponse response,
      Followed<S> followed,
      int attempt,
      TextOptions options)
      throws IOException {
    Standing<S> standing = followed.look(attempt);
    LogInfo info = kept(standing);
    boolean complete = standing.ended() && info.complete();
    var answer = new PlainAnswer(request, response, logs, streams);
    if (options.isWhole() && answer.range(info, complete)) {
      return;
    }
    long start = start(info, options);
    if (!options.follow() || complete && standing.next() == null) {
      answer.stored(info, complete, start, options.timestamps());
    } else {
      answer.live(
          info,
          (out, signal) -> {
            var format =
                new TextFormat<S>(
                    out, properties.signOfLife(), null, options.timestamps() ? new Stamps() : null);
            return new Follower<>(logs, followed, format, signal, standing, start).follow();
          });
    }
  }

  /**
   * A log between our own lines, followed to the end.
   *
   * @param attempt whose log it begins with
   * @param tail if not null, only that many last lines of what is there already
   * @throws LogRemoved (410) if that log was removed
   */
  public <S> void narrated(
      HttpServletRequest request,
      HttpServletResponse response,
      Followed<S> followed,
      int attempt,
      Narration<S> narration,
      @Nullable Long tail)
      throws IOException {
    Standing<S> standing = followed.look(attempt);
    long start = start(kept(standing), new TextOptions(true, 0, tail, false));
    PlainAnswer.unstored(response);
    streams.open(
        request,
        response,
        signal -> {
          var format =
              new TextFormat<>(
                  response.getOutputStream(), properties.signOfLife(), narration, null);
          return new Follower<>(logs, followed, format, signal, standing, start).follow();
        });
  }

  /**
   * A log as server-sent events, with the attempt's {@code status} and {@code end}.
   *
   * @param position where to go on; 204 if it is the end and nothing comes after
   * @throws LogRemoved (410) if that log was removed
   */
  public <S> void events(
      HttpServletRequest request,
      HttpServletResponse response,
      Followed<S> followed,
      EventPosition position,
      EventData<S> data)
      throws IOException {
    Standing<S> named = followed.look(position.attempt());
    boolean over = position.end() && named.ended();
    Integer next = named.next();
    if (over && next == null) {
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    Standing<S> standing = over && next != null ? followed.look(next) : named;
    long start = over ? 0 : position.offset();
    kept(standing);
    response.setContentType("text/event-stream;charset=utf-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    response.setHeader("X-Accel-Buffering", "no");
    streams.open(
        request,
        response,
        signal -> {
          var format = new EventFormat<>(response.getOutputStream(), properties.heartbeat(), data);
          return new Follower<>(logs, followed, format, signal, standing, start).follow();
        });
  }

  private long start(LogInfo info, TextOptions options) {
    Long tail = options.tail();
    return tail == null ? options.offset() : logs.tailStart(info, tail);
  }

  private LogInfo kept(Standing<?> standing) {
    LogInfo info = logs.info(standing.log());
    if (info.removed()) {
      throw new LogRemoved();
    }
    return info;
  }
}
