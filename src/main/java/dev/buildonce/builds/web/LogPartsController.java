package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.logs.LogQuery;
import dev.buildonce.logs.web.LogParts;
import dev.buildonce.logs.web.SearchOptions;
import dev.buildonce.problems.FieldError;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What is in the logs of attempts, as documents. Without a number it is the log of the build. */
@RestController
class LogPartsController {
  private static final int DEFAULT_COUNT = 500;
  private static final int DEFAULT_LIMIT = 100;

  private final Builds builds;
  private final LogParts parts;
  private final Links links;

  LogPartsController(Builds builds, LogParts parts, Links links) {
    this.builds = builds;
    this.parts = parts;
    this.links = links;
  }

  @GetMapping({"/builds/{key}/log/lines", "/builds/{key}/attempts/{number}/log/lines"})
  ResponseEntity<byte[]> lines(
      @PathVariable String key,
      @PathVariable(required = false) @Nullable String number,
      HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow("from", "count", "timestamps");
    List<FieldError> errors = new ArrayList<>();
    long from = number(query, "from", 1, Long.MAX_VALUE, 1, errors);
    long count = number(query, "count", 1, LogParts.MAX_LINES, DEFAULT_COUNT, errors);
    if (!errors.isEmpty()) {
      throw new InvalidRequest(errors);
    }
    boolean timestamps = query.flag("timestamps", false);
    Representation.of(request, Representation.JSON);
    Named named = named(buildKey, number);
    return located(
        parts.lines(
            request,
            named.attempt().log(),
            named.attempt().status().isEnd(),
            from,
            (int) count,
            timestamps),
        named,
        request,
        "lines");
  }

  @GetMapping({"/builds/{key}/log/folds", "/builds/{key}/attempts/{number}/log/folds"})
  ResponseEntity<byte[]> folds(
      @PathVariable String key,
      @PathVariable(required = false) @Nullable String number,
      HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query.of(request).allow();
    Representation.of(request, Representation.JSON);
    Named named = named(buildKey, number);
    return located(
        parts.folds(request, named.attempt().log(), named.attempt().status().isEnd()),
        named,
        request,
        "folds");
  }

  @GetMapping({"/builds/{key}/log/search", "/builds/{key}/attempts/{number}/log/search"})
  @Nullable ResponseEntity<byte[]> search(
      @PathVariable String key,
      @PathVariable(required = false) @Nullable String number,
      HttpServletRequest request,
      HttpServletResponse response)
      throws HttpMediaTypeNotAcceptableException, IOException {
    BuildKey buildKey = new BuildKey(key);
    SearchOptions options = options(request);
    boolean stream =
        Representation.of(request, Representation.JSON, Representation.EVENTS)
            == Representation.EVENTS;
    Named named = named(buildKey, number);
    if (!stream) {
      return located(
          parts.search(named.attempt().log(), named.attempt().status().isEnd(), options),
          named,
          request,
          "search");
    }
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    if (!named.byNumber()) {
      response.setHeader(HttpHeaders.CONTENT_LOCATION, location(named, request, "search"));
    }
    parts.search(request, response, named.attempt().log(), options);
    return null;
  }

  private static SearchOptions options(HttpServletRequest request) {
    Query query = Query.of(request).allow("q", "regex", "case", "from", "limit", "buckets");
    List<FieldError> errors = new ArrayList<>();
    long from = number(query, "from", 1, Long.MAX_VALUE, 1, errors);
    long limit = number(query, "limit", 0, SearchOptions.MAX_LIMIT, DEFAULT_LIMIT, errors);
    long buckets = number(query, "buckets", 0, SearchOptions.MAX_BUCKETS, 0, errors);
    boolean regex = query.flag("regex", false);
    boolean matchCase = query.flag("case", false);
    String text = query.text("q");
    try {
      LogQuery wanted = LogQuery.of(text == null ? "" : text, regex, matchCase);
      if (errors.isEmpty()) {
        return new SearchOptions(wanted, from, (int) limit, (int) buckets);
      }
    } catch (IllegalArgumentException e) {
      errors.add(new FieldError("q", String.valueOf(e.getMessage())));
    }
    throw new InvalidRequest(errors);
  }

  /** A number of the query; what is wrong with it is told together with what else is wrong. */
  private static long number(
      Query query, String name, long least, long most, long otherwise, List<FieldError> errors) {
    try {
      Long given = query.number(name, least, most);
      return given == null ? otherwise : given;
    } catch (InvalidRequest e) {
      errors.add(
          new FieldError(
              name,
              most == Long.MAX_VALUE
                  ? "is no whole number from " + least
                  : "is no whole number from " + least + " to " + most));
      return otherwise;
    }
  }

  /** An attempt, and whether it was named by its number. */
  private record Named(Build build, Attempt attempt, boolean byNumber) {}

  private Named named(BuildKey key, @Nullable String number) {
    Build build = builds.find(key).orElseThrow(() -> new UnknownKey(key));
    if (number != null) {
      return new Named(build, AttemptController.find(builds, build, number), true);
    }
    Attempt attempt = build.attempt();
    if (attempt == null) {
      throw new UnknownAttempt(build, "yet");
    }
    return new Named(build, attempt, false);
  }

  private ResponseEntity<byte[]> located(
      ResponseEntity<byte[]> reply, Named named, HttpServletRequest request, String part) {
    HttpHeaders headers = new HttpHeaders(reply.getHeaders());
    headers.set(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    if (!named.byNumber()) {
      headers.set(HttpHeaders.CONTENT_LOCATION, location(named, request, part));
    }
    return new ResponseEntity<>(reply.getBody(), headers, reply.getStatusCode());
  }

  private String location(Named named, HttpServletRequest request, String part) {
    return links.of(request).to(Documents.path(named.build(), named.attempt()) + "/log/" + part);
  }
}
