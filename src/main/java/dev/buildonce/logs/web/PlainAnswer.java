package dev.buildonce.logs.web;

import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.Logs;
import dev.buildonce.streams.Streams;
import dev.buildonce.streams.TooManyViewers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** One answer with a log's bytes: its headers, and how it is sent: whole, a range or live. */
final class PlainAnswer {

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Logs logs;
  private final Streams streams;

  PlainAnswer(
      HttpServletRequest request, HttpServletResponse response, Logs logs, Streams streams) {
    this.request = request;
    this.response = response;
    this.logs = logs;
    this.streams = streams;
  }

  /** Says that the answer is not to be stored, for it is not whole yet or made for this ask. */
  static void unstored(HttpServletResponse response) {
    response.setContentType("text/plain;charset=utf-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader("X-Accel-Buffering", "no");
  }

  /**
   * Sends the range that the request names, out of what is stored.
   *
   * @param complete whether the attempt has ended
   * @return false if there is no range to heed
   */
  boolean range(LogInfo info, boolean complete) throws IOException {
    String tag = LogTag.of(info, "", false);
    String ifRange = request.getHeader(HttpHeaders.IF_RANGE);
    boolean heeded =
        request.getMethod().equals("GET")
            && !info.dropped()
            && !(complete && unchanged(tag))
            && (ifRange == null || complete && ifRange.equals(tag));
    ByteRange range =
        heeded ? ByteRange.of(request.getHeader(HttpHeaders.RANGE), info.bytes()) : null;
    if (range == null) {
      return false;
    }
    headers(info, complete);
    if (complete) {
      response.setHeader(HttpHeaders.ETAG, tag);
    }
    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
    response.setHeader(
        HttpHeaders.CONTENT_RANGE, range.contentRange(complete ? info.bytes() : null));
    response.setContentLengthLong(range.to() - range.from());
    var copy = new StoredCopy(logs, info.id(), range.from(), range.to(), null);
    send(Compression.none(streams), copy::write);
    return true;
  }

  /**
   * Sends what is stored.
   *
   * @param complete whether the attempt has ended
   * @param start the first byte
   * @param timestamps whether each line begins with when it came
   */
  void stored(LogInfo info, boolean complete, long start, boolean timestamps) throws IOException {
    headers(info, complete);
    if (timestamps) {
      response.setHeader(HttpHeaders.ACCEPT_RANGES, "none");
    }
    var copy =
        new StoredCopy(
            logs,
            info.id(),
            Math.min(start, info.bytes()),
            info.bytes(),
            timestamps ? new Stamps() : null);
    Compression compression = Compression.of(request, streams, copy.to() - copy.from());
    if (complete && start == 0) {
      String tag = LogTag.of(info, timestamps ? "timestamps" : "", compression.isOn());
      response.setHeader(HttpHeaders.ETAG, tag);
      if (unchanged(tag)) {
        compression.release();
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        return;
      }
    }
    if (complete && !info.dropped() && !timestamps && !compression.isOn()) {
      response.setContentLengthLong(copy.to() - copy.from());
    }
    send(compression, copy::write);
  }

  /** Sends what grows while it is sent. */
  void live(LogInfo info, Compression.Content content) throws IOException {
    headers(info, false);
    send(Compression.of(request, streams, Long.MAX_VALUE), content);
  }

  private void send(Compression compression, Compression.Content content) throws IOException {
    if (compression.isOn()) {
      response.setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
    }
    try {
      streams.open(
          request,
          response,
          signal -> compression.write(response.getOutputStream(), content, signal));
    } catch (TooManyViewers e) {
      compression.release();
      throw e;
    }
  }

  private void headers(LogInfo info, boolean complete) {
    unstored(response);
    if (complete) {
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    }
    response.addHeader(HttpHeaders.VARY, "Accept-Encoding");
    response.setHeader(HttpHeaders.ACCEPT_RANGES, info.dropped() ? "none" : "bytes");
  }

  private boolean unchanged(String tag) {
    @Nullable String header = request.getHeader(HttpHeaders.IF_NONE_MATCH);
    return LogTag.matches(header, tag);
  }
}
