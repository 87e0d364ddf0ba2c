package dev.buildonce.builds.web;

import dev.buildonce.access.CallerLine;
import dev.buildonce.builds.Answer;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.builds.web.FollowedAttempts.Onward;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.web.EventPosition;
import dev.buildonce.logs.web.LogAnswers;
import dev.buildonce.revisions.Wakeups;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Answers to asks that follow the log: as text, and as events. */
@Component
class AskStreams {
  private final Builds builds;
  private final Wakeups wakeups;
  private final HeldAsks held;
  private final LogAnswers answers;
  private final AttemptEvents events;

  AskStreams(
      Builds builds, Wakeups wakeups, HeldAsks held, LogAnswers answers, AttemptEvents events) {
    this.builds = builds;
    this.wakeups = wakeups;
    this.held = held;
    this.answers = answers;
    this.events = events;
  }

  /**
   * The log as it is written, between our own lines.
   *
   * @param tail that many last lines of a hit, or null
   */
  void text(
      Answer answer,
      AskReply reply,
      @Nullable Long tail,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Attempt attempt = attempt(answer);
    HttpStatus status = head(answer, attempt, reply, response);
    AskNarration narration =
        new AskNarration(
            answer,
            reply.links().to(Documents.path(answer.build())),
            reply.wishes().success() && status == HttpStatus.ACCEPTED);
    if (attempt.logged().removed()) {
      withoutLog(new Told(answer.build(), attempt), narration, response);
      return;
    }
    try (Follow follow = follow(answer, reply, request)) {
      answers.narrated(
          request,
          response,
          follow.attempts,
          attempt.number(),
          narration,
          answer instanceof Answer.Hit ? tail : null);
      follow.begun = true;
    } catch (LogRemoved | UnknownAttempt | UnknownKey _) {
      // Removed in this moment, which does not make it another answer.
      withoutLog(new Told(answer.build(), attempt), narration, response);
    }
  }

  /** The log and what happens to the attempt, as server-sent events. */
  void events(
      Answer answer, AskReply reply, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Attempt attempt = attempt(answer);
    head(answer, attempt, reply, response);
    try (Follow follow = follow(answer, reply, request)) {
      answers.events(
          request,
          response,
          follow.attempts,
          EventPosition.startOf(attempt.number()),
          events.of(reply.links()));
      follow.begun = true;
    }
  }

  /** The attempt whose log is the answer. */
  private static Attempt attempt(Answer answer) {
    Build build = answer.build();
    return Objects.requireNonNull(answer instanceof Answer.Hit ? build.outcome() : build.attempt());
  }

  private static HttpStatus head(
      Answer answer, Attempt attempt, AskReply reply, HttpServletResponse response) {
    HttpStatus status = HttpStatus.ACCEPTED;
    if (answer instanceof Answer.Hit) {
      boolean red = attempt.status() != AttemptStatus.SUCCEEDED;
      status = red && reply.wishes().success() ? HttpStatus.FAILED_DEPENDENCY : HttpStatus.OK;
    }
    response.setStatus(status.value());
    AskReply.cacheStatus(answer).forEach(response::setHeader);
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    response.setHeader(
        HttpHeaders.LOCATION, reply.links().to(Documents.path(answer.build(), attempt) + "/log"));
    return status;
  }

  private static void withoutLog(Told told, AskNarration narration, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/plain;charset=utf-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    String text =
        narration.opening(told)
            + "\n"
            + narration.removed()
            + "\n"
            + narration.verdict(told)
            + "\n";
    response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private Follow follow(Answer answer, AskReply reply, HttpServletRequest request) {
    boolean hit = answer instanceof Answer.Hit;
    HeldAsks.Place place = hit ? null : held.enter(answer.build(), CallerLine.of(request));
    return new Follow(
        new FollowedAttempts(
            builds, wakeups, answer.build(), hit ? Onward.NOWHERE : reply::next, place),
        place);
  }

  /** Gives the place back unless a stream has begun, which does that at its end. */
  private static final class Follow implements AutoCloseable {
    private final FollowedAttempts attempts;
    private final HeldAsks.@Nullable Place place;
    private boolean begun;

    Follow(FollowedAttempts attempts, HeldAsks.@Nullable Place place) {
      this.attempts = attempts;
      this.place = place;
    }

    @Override
    public void close() {
      if (!begun && place != null) {
        place.close();
      }
    }
  }
}
