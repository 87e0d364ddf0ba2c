package dev.buildonce.builds.web;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builders.ErrorPattern;
import dev.buildonce.builders.Param;
import dev.buildonce.builds.RunTimes;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The configured builders: what may be asked of each, and how long it takes. */
@RestController
class BuilderController {
  private final Builders builders;
  private final RunTimes runTimes;
  private final Replies replies;

  BuilderController(Builders builders, RunTimes runTimes, Replies replies) {
    this.builders = builders;
    this.runTimes = runTimes;
    this.replies = replies;
  }

  @GetMapping("/builders")
  ResponseEntity<byte[]> list(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    Query.of(request).allow();
    Representation.of(request, Representation.JSON);
    return replies.got(
        Map.of(
            "builders",
            builders.all().stream().map(this::document).toList(),
            "default",
            builders.defaultName()));
  }

  @GetMapping("/builders/{name}")
  ResponseEntity<byte[]> look(@PathVariable String name, HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    Query.of(request).allow();
    Representation.of(request, Representation.JSON);
    return replies.got(document(builders.find(name).orElseThrow(() -> new UnknownBuilder(name))));
  }

  /** Neither command nor environment: they may say more than a caller needs to know. */
  private Map<String, @Nullable Object> document(Builder builder) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("name", builder.name());
    document.put("version", builder.version().toString());
    Map<String, Object> params = new TreeMap<>();
    builder.params().forEach((name, param) -> params.put(name, document(param)));
    document.put("params", params);
    document.put("pool", builder.pool());
    document.put("timeoutSeconds", seconds(builder.timeout()));
    document.put("graceSeconds", seconds(builder.grace()));
    document.put("retries", builder.retries());
    document.put("notCachedExitCodes", new TreeSet<>(builder.notCachedExitCodes()));
    document.put("successMaxAgeSeconds", seconds(builder.successMaxAge()));
    document.put("failureMaxAgeSeconds", seconds(builder.failureMaxAge()));
    document.put("onChange", builder.onChange().name().toLowerCase(Locale.ROOT));
    document.put("logLimit", builder.logLimit().toBytes());
    document.put(
        "errorPatterns",
        builder.errorPatterns().stream().map(BuilderController::document).toList());
    RunTimes.Percentiles times = runTimes.of(builder.name());
    Map<String, @Nullable Object> runSeconds = new LinkedHashMap<>();
    runSeconds.put("p50", seconds(times.p50()));
    runSeconds.put("p90", seconds(times.p90()));
    document.put("runSeconds", runSeconds);
    return document;
  }

  private static Map<String, @Nullable Object> document(Param param) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("default", param.secret() ? null : param.defaultValue());
    document.put("pattern", param.pattern() == null ? null : param.pattern().pattern());
    document.put("input", param.input());
    document.put("secret", param.secret());
    document.put("required", param.required());
    return document;
  }

  private static Map<String, Object> document(ErrorPattern pattern) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("pattern", pattern.pattern().toString());
    document.put("score", pattern.score());
    return document;
  }

  private static @Nullable Double seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis() / 1000.0;
  }
}
