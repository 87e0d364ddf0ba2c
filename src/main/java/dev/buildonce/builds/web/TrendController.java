package dev.buildonce.builds.web;

import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import dev.buildonce.trends.Spread;
import dev.buildonce.trends.Stretch;
import dev.buildonce.trends.Trends;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /trends}: what happened in the latest hours. */
@RestController
class TrendController {
  private static final int DEFAULT_HOURS = 24;

  private final Trends trends;
  private final Replies replies;

  TrendController(Trends trends, Replies replies) {
    this.trends = trends;
    this.replies = replies;
  }

  @GetMapping("/trends")
  ResponseEntity<byte[]> trends(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    Query query = Query.of(request).allow("builder", "hours");
    Representation.of(request, Representation.JSON);
    String builder = query.text("builder");
    if (builder != null && builder.indexOf('\0') >= 0) {
      throw new InvalidRequest("builder", "must not have a NUL character in it");
    }
    Long hours = query.number("hours", 1, Trends.MOST_HOURS);
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("builder", builder);
    document.put(
        "hours",
        trends.hours(builder, hours == null ? DEFAULT_HOURS : hours.intValue()).stream()
            .map(TrendController::document)
            .toList());
    return replies.got(document);
  }

  private static Map<String, Object> document(Stretch hour) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("from", hour.from().toString());
    document.put("asks", hour.asks());
    document.put("hits", hour.hits());
    document.put("joins", hour.joins());
    document.put("starts", hour.starts());
    document.put("succeeded", hour.succeeded());
    document.put("failed", hour.failed());
    document.put("otherwise", hour.otherwise());
    document.put("savedSeconds", hour.saved().toMillis() / 1000.0);
    document.put("queueSeconds", document(hour.queue()));
    document.put("runSeconds", document(hour.run()));
    return document;
  }

  private static Map<String, @Nullable Object> document(Spread times) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("p50", seconds(times.percentile(0.5)));
    document.put("p90", seconds(times.percentile(0.9)));
    return document;
  }

  private static @Nullable Double seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis() / 1000.0;
  }
}
