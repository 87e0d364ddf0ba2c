package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.Builds;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.util.RawValue;

/** Builds and attempts as the documents of the HTTP contract. */
@Component
class Documents {
  private final Builds builds;

  Documents(Builds builds) {
    this.builds = builds;
  }

  /** The build with all that is known of it. */
  Map<String, @Nullable Object> build(Build build, Links.Base links, int waiters) {
    return build(build, links, waiters, true);
  }

  /** The build as a list shows it: without params and values. */
  Map<String, @Nullable Object> listed(Build build, Links.Base links, int waiters) {
    return build(build, links, waiters, false);
  }

  private Map<String, @Nullable Object> build(
      Build build, Links.Base links, int waiters, boolean whole) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("key", build.key().value());
    document.put("url", links.to(path(build)));
    document.put("builder", build.builder());
    document.put("builderVersion", builds.builderVersion(build));
    document.put("title", build.title());
    if (whole) {
      document.put("params", builds.params(build));
    }
    document.put("tags", build.tags());
    document.put("status", build.status().word());
    document.put("revision", build.revision());
    document.put("expiresAt", time(builds.expiresAt(build)));
    document.put("rebuildRequested", build.rebuild() != null);
    document.put("rebuildRequest", rebuild(build.rebuild()));
    document.put("waiters", waiters);
    Map<String, @Nullable Object> latest = attempt(build, build.attempt(), links, whole);
    document.put("attempt", latest);
    document.put(
        "outcome",
        build.outcome() == build.attempt()
            ? latest
            : attempt(build, build.outcome(), links, whole));
    return document;
  }

  /** An attempt of a build, or null. */
  @Nullable Map<String, @Nullable Object> attempt(
      Build build, @Nullable Attempt attempt, Links.Base links, boolean whole) {
    if (attempt == null) {
      return null;
    }
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("number", attempt.number());
    document.put("url", links.to(path(build, attempt)));
    document.put("status", attempt.status().word());
    document.put("reason", attempt.reason().word());
    document.put("pendingReason", attempt.pendingReason());
    document.put("next", attempt.next());
    document.put("requester", attempt.requester());
    document.put("builderVersion", attempt.builderVersion());
    document.put("queuedAt", time(attempt.queuedAt()));
    document.put("startedAt", time(attempt.startedAt()));
    document.put("finishedAt", time(attempt.finishedAt()));
    document.put("queueSeconds", seconds(attempt.queueTime()));
    document.put("runSeconds", seconds(attempt.runTime()));
    document.put("estimatedSeconds", seconds(attempt.estimated()));
    document.put("exitCode", attempt.exitCode());
    document.put("failure", attempt.failure());
    if (whole) {
      document.put("failureExcerpt", attempt.excerpt());
      document.put("value", attempt.value() == null ? null : new RawValue(attempt.value()));
    }
    Map<String, @Nullable Object> log = new LinkedHashMap<>();
    log.put("url", links.to(path(build, attempt) + "/log"));
    log.put("bytes", attempt.logged().bytes());
    log.put("lines", attempt.logged().lines());
    log.put("complete", attempt.logged().complete());
    document.put("log", log);
    return document;
  }

  /** The path of a build. */
  static String path(Build build) {
    return "/builds/" + build.key();
  }

  /** The path of an attempt. */
  static String path(Build build, Attempt attempt) {
    return path(build) + "/attempts/" + attempt.number();
  }

  private static @Nullable Map<String, @Nullable Object> rebuild(
      Build.@Nullable RebuildRequest request) {
    if (request == null) {
      return null;
    }
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("by", request.by());
    document.put("at", time(request.at()));
    document.put("why", request.why());
    return document;
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static @Nullable Double seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis() / 1000.0;
  }
}
