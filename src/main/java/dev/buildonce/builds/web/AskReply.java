package dev.buildonce.builds.web;

import dev.buildonce.access.CallerLine;
import dev.buildonce.access.Links;
import dev.buildonce.builds.Answer;
import dev.buildonce.builds.Ask;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** One ask and what answers it, now or after having waited. */
final class AskReply {
  private final Builds builds;
  private final Replies replies;
  private final HeldAsks held;
  private final Links.Base links;
  private final BuildKey key;
  private final Ask ask;
  private final Wishes wishes;
  private final Instant until;

  AskReply(
      Builds builds,
      Replies replies,
      HeldAsks held,
      Links.Base links,
      BuildKey key,
      Ask ask,
      Wishes wishes) {
    this.builds = builds;
    this.replies = replies;
    this.held = held;
    this.links = links;
    this.key = key;
    this.ask = ask;
    this.wishes = wishes;
    this.until = Instant.now().plus(wishes.patience() == null ? Duration.ZERO : wishes.patience());
  }

  /** The reply to the answer at hand: at once, or held until there is an end. */
  Object first(Answer answer, CallerLine line) {
    Duration left = Duration.between(Instant.now(), until);
    if (answer instanceof Answer.Hit || !left.isPositive()) {
      return reply(answer.build(), answer);
    }
    int since = since(answer);
    return held.hold(
        answer.build(),
        line,
        left,
        now -> settled(now, answer, since),
        () -> reply(current(builds.find(key).orElse(null), since), answer));
  }

  /** The number of the attempt that the ask started or joined. */
  static int since(Answer answer) {
    return Objects.requireNonNull(answer.build().attempt()).number();
  }

  /** Whether an outcome of the ask's attempt, or a later one, answers it. */
  boolean answers(Build build, int since) {
    return builds.stale(build, ask, since) == null;
  }

  /** The reply if an outcome answers, or the chain of the ask's attempt ended without one. */
  private Optional<Object> settled(HeldAsks.Seen now, Answer answer, int since) {
    Build build = current(now.build().orElse(null), since);
    now.replace(build);
    return answers(build, since) || isOver(build, since)
        ? Optional.of(reply(build, answer))
        : Optional.empty();
  }

  /**
   * The build as it stands. If it was forgotten, or what the ask waited for was flagged before the
   * ask could be answered with it, the ask is asked once more.
   */
  Build current(@Nullable Build build, int since) {
    return build == null || isFlagged(build, since)
        ? builds.askAgain(key, ask, since).build()
        : build;
  }

  /** Whether the outcome that the ask waited for is the latest there is, and must not be told. */
  private static boolean isFlagged(Build build, int since) {
    Attempt latest = build.attempt();
    return latest != null
        && latest.number() >= since
        && latest.status().isOutcome()
        && build.rebuild() != null;
  }

  /** Whether the chain ended without an outcome. */
  static boolean isOver(Build build, int since) {
    Attempt latest = build.attempt();
    return latest != null
        && build.active() == null
        && latest.number() >= since
        && latest.status().isEnd()
        && !latest.status().isOutcome();
  }

  /**
   * The attempt that a stream which began with this ask goes on to from one that has ended: to what
   * retries it, else as an ask that waits goes on, until an outcome answers or nothing is active.
   */
  @Nullable Integer next(Build build, Attempt ended) {
    if (ended.next() != null) {
      return ended.next();
    }
    Build now = current(build, ended.number());
    Attempt latest = now.attempt();
    boolean answered =
        now.rebuild() == null && now.outcome() != null && now.outcome().number() == ended.number();
    return answered || latest == null || latest.number() <= ended.number()
        ? null
        : (Integer) latest.number();
  }

  private Object reply(Build build, Answer answer) {
    Map<String, String> headers = cacheStatus(answer);
    boolean hit = answer instanceof Answer.Hit;
    Attempt outcome = build.outcome();
    if (outcome != null && (hit || answers(build, since(answer)))) {
      if (wishes.success() && outcome.status() == AttemptStatus.FAILED) {
        throw new NotSuccessful(build, outcome, headers);
      }
      return replies.posted(HttpStatus.OK, build, links, headers);
    }
    if (isOver(build, since(answer))) {
      throw new NotSuccessful(build, build.attempt(), headers);
    }
    headers.putAll(Replies.underWay(build, links));
    if (wishes.success()) {
      throw new NotFinished(build, headers);
    }
    return replies.posted(HttpStatus.ACCEPTED, build, links, headers);
  }

  /** The {@code Cache-Status} header (RFC 9211) of an answer. */
  static Map<String, String> cacheStatus(Answer answer) {
    Map<String, String> headers = new HashMap<>();
    headers.put(
        "Cache-Status",
        "buildonce; "
            + switch (answer) {
              case Answer.Hit _ -> "hit";
              case Answer.Started(_, var cause) -> cause.forward();
              case Answer.Joined(_, var cause) -> cause.forward() + "; collapsed";
            });
    return headers;
  }

  BuildKey key() {
    return key;
  }

  Links.Base links() {
    return links;
  }

  Wishes wishes() {
    return wishes;
  }

  Ask ask() {
    return ask;
  }
}
