package dev.buildonce.builds.web;

import dev.buildonce.access.CallerLine;
import dev.buildonce.access.Links;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.BuildProperties;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The attempts of a build. */
@RestController
class AttemptController {
  private final Builds builds;
  private final Documents documents;
  private final Replies replies;
  private final HeldAsks held;
  private final Links links;
  private final BuildProperties properties;

  AttemptController(
      Builds builds,
      Documents documents,
      Replies replies,
      HeldAsks held,
      Links links,
      BuildProperties properties) {
    this.builds = builds;
    this.documents = documents;
    this.replies = replies;
    this.held = held;
    this.links = links;
    this.properties = properties;
  }

  @GetMapping("/builds/{key}/attempts")
  ResponseEntity<byte[]> list(@PathVariable String key, HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow("limit", "cursor");
    Representation.of(request, Representation.JSON);
    int limit = ListController.limit(query);
    Long below = cursor(query);
    Build build = builds.find(buildKey).orElseThrow(() -> new UnknownKey(buildKey));
    List<Attempt> attempts =
        builds.attempts(build, below == null ? Integer.MAX_VALUE : below.intValue(), limit + 1);
    boolean more = attempts.size() > limit;
    List<Attempt> page = more ? attempts.subList(0, limit) : attempts;
    Links.Base base = links.of(request);
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put(
        "attempts",
        page.stream().map(attempt -> documents.attempt(build, attempt, base, false)).toList());
    document.put("next", more ? Integer.toString(page.getLast().number()) : null);
    document.put("revision", build.revision());
    return replies.got(document);
  }

  private static @Nullable Long cursor(Query query) {
    try {
      return query.number("cursor", 1, Integer.MAX_VALUE);
    } catch (InvalidRequest e) {
      throw new InvalidRequest("cursor", "is none that this service gave: start without one");
    }
  }

  @GetMapping("/builds/{key}/attempts/{number}")
  Object look(@PathVariable String key, @PathVariable String number, HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow("expect", "wait");
    boolean success = query.word("expect", "success") != null;
    Duration wait = WaitPreference.of(query, request, properties.maxWait());
    Representation.of(request, Representation.JSON);
    Build build = builds.find(buildKey).orElseThrow(() -> new UnknownKey(buildKey));
    Attempt attempt = find(builds, build, number);
    Links.Base base = links.of(request);
    if (!success && wait == null) {
      return reply(build, attempt, false, base);
    }
    Attempt last = lastOfChain(build, attempt);
    if (last.status().isEnd() || wait == null || wait.isZero()) {
      return reply(build, last, success, base);
    }
    return held.hold(
        build,
        CallerLine.of(request),
        wait,
        now -> {
          Build seen = now.build().orElse(null);
          Attempt later = seen == null ? last : lastOfChain(seen, attempt);
          return seen != null && !later.status().isEnd()
              ? Optional.empty()
              : Optional.of(reply(seen == null ? build : seen, later, success, base));
        },
        () -> {
          Build now = builds.find(buildKey).orElse(build);
          return reply(now, lastOfChain(now, attempt), success, base);
        });
  }

  /**
   * The attempt that a path names.
   *
   * @throws UnknownAttempt if there is none
   */
  static Attempt find(Builds builds, Build build, String number) {
    if (!number.matches("[1-9][0-9]{0,8}")) {
      throw new UnknownAttempt(build, "of that name");
    }
    return builds
        .attempt(build, Integer.parseInt(number))
        .orElseThrow(() -> new UnknownAttempt(build, number));
  }

  /**
   * The attempt at the end of the chain of retries that begins with {@code first}, as it is now.
   */
  private Attempt lastOfChain(Build build, Attempt first) {
    Attempt last = builds.attempt(build, first.number()).orElse(first);
    while (last.next() != null) {
      Optional<Attempt> next = builds.attempt(build, last.next());
      if (next.isEmpty()) {
        return last;
      }
      last = next.get();
    }
    return last;
  }

  private ResponseEntity<byte[]> reply(
      Build build, Attempt attempt, boolean success, Links.Base base) {
    String location = base.to(Documents.path(build, attempt));
    if (success && !attempt.status().isEnd()) {
      Map<String, String> underWay = Replies.underWay(build, base);
      underWay.put(HttpHeaders.CONTENT_LOCATION, location);
      throw new NotFinished(build, underWay);
    }
    if (success && attempt.status() != AttemptStatus.SUCCEEDED) {
      throw new NotSuccessful(build, attempt, Map.of(HttpHeaders.CONTENT_LOCATION, location));
    }
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    Map<String, @Nullable Object> shown = documents.attempt(build, attempt, base, true);
    if (shown != null) {
      document.putAll(shown);
    }
    ResponseEntity<byte[]> reply = replies.got(document);
    HttpHeaders headers = new HttpHeaders(reply.getHeaders());
    headers.set(HttpHeaders.CONTENT_LOCATION, location);
    return new ResponseEntity<>(reply.getBody(), headers, reply.getStatusCode());
  }
}
