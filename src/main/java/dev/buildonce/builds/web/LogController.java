package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.builds.web.FollowedAttempts.Onward;
import dev.buildonce.logs.web.EventPosition;
import dev.buildonce.logs.web.LogAnswers;
import dev.buildonce.logs.web.TextOptions;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import dev.buildonce.revisions.Wakeups;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The logs of attempts. */
@RestController
class LogController {
  private final Builds builds;
  private final Wakeups wakeups;
  private final LogAnswers answers;
  private final AttemptEvents events;
  private final Links links;

  LogController(
      Builds builds, Wakeups wakeups, LogAnswers answers, AttemptEvents events, Links links) {
    this.builds = builds;
    this.wakeups = wakeups;
    this.answers = answers;
    this.events = events;
    this.links = links;
  }

  /** The log of the active attempt, else of the latest; goes on to one that follows. */
  @GetMapping("/builds/{key}/log")
  void ofBuild(@PathVariable String key, HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    Build build = find(new BuildKey(key));
    Attempt attempt = build.attempt();
    if (attempt == null) {
      throw new UnknownAttempt(build, "yet");
    }
    answer(build, attempt, true, request, response);
  }

  /** The log of one attempt. */
  @GetMapping("/builds/{key}/attempts/{number}/log")
  void ofAttempt(
      @PathVariable String key,
      @PathVariable String number,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    Build build = find(new BuildKey(key));
    answer(build, AttemptController.find(builds, build, number), false, request, response);
  }

  private Build find(BuildKey key) {
    return builds.find(key).orElseThrow(() -> new UnknownKey(key));
  }

  private void answer(
      Build build,
      Attempt attempt,
      boolean chain,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    Links.Base base = links.of(request);
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    boolean stream =
        Representation.of(request, Representation.TEXT, Representation.EVENTS)
            == Representation.EVENTS;
    // A stream begins where its Last-Event-ID says and follows: these would be ignored in silence.
    Query query =
        stream
            ? Query.of(request).allow()
            : Query.of(request).allow("follow", "offset", "tail", "timestamps");
    FollowedAttempts followed =
        new FollowedAttempts(builds, wakeups, build, chain ? Onward.NEWER : Onward.NOWHERE, null);
    if (stream) {
      EventPosition position = position(attempt, chain, request);
      if (chain && position.attempt() == attempt.number()) {
        located(build, attempt, base, response);
      }
      answers.events(request, response, followed, position, events.of(base));
      return;
    }
    if (chain) {
      located(build, attempt, base, response);
    }
    answers.text(request, response, followed, attempt.number(), options(query));
  }

  private static void located(
      Build build, Attempt attempt, Links.Base base, HttpServletResponse response) {
    response.setHeader(
        HttpHeaders.CONTENT_LOCATION, base.to(Documents.path(build, attempt) + "/log"));
  }

  private static EventPosition position(
      Attempt attempt, boolean chain, HttpServletRequest request) {
    @Nullable EventPosition last = EventPosition.of(request.getHeader("Last-Event-ID"));
    if (last == null) {
      return EventPosition.startOf(attempt.number());
    }
    if (!chain && last.attempt() != attempt.number()) {
      throw new InvalidRequest(
          "Last-Event-ID",
          "names attempt " + last.attempt() + ", this is the log of " + attempt.number());
    }
    return last;
  }

  private static TextOptions options(Query query) {
    Long offset = query.number("offset", 0, Long.MAX_VALUE);
    Long tail = query.number("tail", 0, Long.MAX_VALUE);
    if (offset != null && tail != null) {
      throw new InvalidRequest("tail", "and offset exclude each other");
    }
    return new TextOptions(
        query.flag("follow", true),
        offset == null ? 0 : offset,
        tail,
        query.flag("timestamps", false));
  }
}
