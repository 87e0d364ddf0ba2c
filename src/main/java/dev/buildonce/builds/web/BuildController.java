package dev.buildonce.builds.web;

import dev.buildonce.access.CallerLine;
import dev.buildonce.access.Links;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.BuildProblem;
import dev.buildonce.builds.BuildProperties;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /builds/{key}}: the build as it stands; never starts anything. */
@RestController
class BuildController {
  private final Builds builds;
  private final Replies replies;
  private final HeldAsks held;
  private final Links links;
  private final BuildProperties properties;

  BuildController(
      Builds builds, Replies replies, HeldAsks held, Links links, BuildProperties properties) {
    this.builds = builds;
    this.replies = replies;
    this.held = held;
    this.links = links;
    this.properties = properties;
  }

  @GetMapping("/builds/{key}")
  Object look(@PathVariable String key, HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow("expect", "wait");
    boolean success = query.word("expect", "success") != null;
    Duration wait = WaitPreference.of(query, request, properties.maxWait());
    Representation.of(request, Representation.JSON);
    Build build = builds.find(buildKey).orElseThrow(() -> new UnknownKey(buildKey));
    Links.Base base = links.of(request);
    if (wait == null || wait.isZero() || !build.isUnderWay()) {
      return reply(build, success, base);
    }
    return held.hold(
        build,
        CallerLine.of(request),
        wait,
        now ->
            now.build().filter(Build::isUnderWay).isPresent()
                ? Optional.empty()
                : Optional.of(reply(known(now.build(), buildKey), success, base)),
        () -> reply(known(builds.find(buildKey), buildKey), success, base));
  }

  private static Build known(Optional<Build> build, BuildKey key) {
    return build.orElseThrow(() -> new UnknownKey(key));
  }

  private Object reply(Build build, boolean success, Links.Base base) {
    if (success) {
      BuildProblem problem = refusal(build, base);
      if (problem != null) {
        throw problem;
      }
    }
    return replies.looked(build, base);
  }

  /** What stands in the way of a 200 that promises a success, or null. */
  private @Nullable BuildProblem refusal(Build build, Links.Base base) {
    if (build.active() != null) {
      return new NotFinished(build, Replies.underWay(build, base));
    }
    if (build.outcome() == null) {
      return new NotSuccessful(build, build.attempt(), Map.of());
    }
    if (builds.stale(build) != null) {
      return new NotFinished(build, Map.of("Retry-After", "1"));
    }
    return Objects.requireNonNull(build.outcome()).status() == AttemptStatus.SUCCEEDED
        ? null
        : new NotSuccessful(build, build.outcome(), Map.of());
  }
}
