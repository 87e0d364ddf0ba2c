package dev.buildonce.viewer;

import com.samskivert.mustache.Template;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.builds.Waiting;
import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.Logs;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** The page of a build, which is about its latest attempt, and those of its other attempts. */
@Component
final class BuildPages {

  private static final int ATTEMPTS = 20;

  private final Builds builds;
  private final Waiting waiting;
  private final Logs logs;
  private final Pages pages;
  private final Template template;

  BuildPages(Builds builds, Waiting waiting, Logs logs, Pages pages) {
    this.builds = builds;
    this.waiting = waiting;
    this.logs = logs;
    this.pages = pages;
    this.template = pages.compile("build");
  }

  /** A name and a value. */
  record Pair(String name, String value) {}

  /**
   * The log of the attempt.
   *
   * @param stream where its events are
   * @param position where a stream begins that brings what the page has not, or has at its end
   * @param within whether that is in the middle of a line
   * @param total how many lines there are
   * @param dropped the stretch that was not kept
   * @param from the line from which on the reader wants to see it, null for its end
   * @param shown lines, for who has no script
   * @param earlier how many lines are before these, null if none
   * @param before the line with which the page before begins
   * @param later the line with which the next page begins, null if this one has the last
   * @param removed whether its bytes were taken away
   */
  record LogView(
      String stream,
      String position,
      boolean within,
      long total,
      @Nullable Stretch dropped,
      @Nullable Long from,
      List<SentLines.Line> shown,
      @Nullable String earlier,
      long before,
      @Nullable Long later,
      boolean removed) {}

  /** A first line, and how many there are. */
  record Stretch(long line, long lines) {}

  /** The commands that do what the page does. */
  record Commands(
      String ask,
      String look,
      String log,
      String rebuild,
      @Nullable String cancel,
      @Nullable String delete,
      String removeLog) {}

  /** All that the page shows. */
  record Model(
      Pages.Place place,
      String key,
      String path,
      String self,
      String title,
      String status,
      String shownStatus,
      boolean latest,
      String builder,
      boolean hasTags,
      List<Tag> tags,
      boolean hasParams,
      List<Pair> params,
      boolean differs,
      @Nullable AttemptView attempt,
      @Nullable AttemptView outcome,
      @Nullable String standing,
      @Nullable String turn,
      @Nullable String waiters,
      @Nullable String stale,
      @Nullable RebuildView rebuild,
      boolean again,
      Shown.@Nullable Moment expires,
      boolean underWay,
      @Nullable Integer active,
      @Nullable String now,
      @Nullable LogView output,
      List<AttemptView> attempts,
      boolean moreAttempts,
      @Nullable Commands commands) {}

  /** The request that flags the outcome. */
  record RebuildView(@Nullable String by, Shown.@Nullable Moment at, @Nullable String why) {}

  /** The page of a build. */
  ResponseEntity<byte[]> build(String key, HttpServletRequest request) {
    Build build = known(key);
    return page(build, build.attempt(), true, request);
  }

  /** The page of an attempt. */
  ResponseEntity<byte[]> attempt(String key, String number, HttpServletRequest request) {
    Build build = known(key);
    return page(build, known(build, number), false, request);
  }

  /**
   * An attempt as its URL names it.
   *
   * @throws UnknownAttempt if there is none
   */
  Attempt known(Build build, String number) {
    if (!number.matches("[1-9][0-9]{0,8}")) {
      throw new UnknownAttempt(build, "of that name");
    }
    return builds
        .attempt(build, Integer.parseInt(number))
        .orElseThrow(() -> new UnknownAttempt(build, number));
  }

  /**
   * A build as its URL names it.
   *
   * @throws UnknownKey if there is none
   */
  Build known(String name) {
    BuildKey key = new BuildKey(name);
    return builds.find(key).orElseThrow(() -> new UnknownKey(key));
  }

  private ResponseEntity<byte[]> page(
      Build build, @Nullable Attempt attempt, boolean latest, HttpServletRequest request) {
    Long from = Query.of(request).allow("from").number("from", 1, Long.MAX_VALUE);
    return Pages.answer(template, model(build, attempt, latest, from, pages.place(request)));
  }

  private Model model(
      Build build,
      @Nullable Attempt attempt,
      boolean latest,
      @Nullable Long from,
      Pages.Place place) {
    String root = place.root();
    String path = root + "/builds/" + build.key();
    List<Attempt> attempts = builds.attempts(build, Integer.MAX_VALUE, ATTEMPTS + 1);
    Attempt outcome = build.outcome();
    Attempt active = build.active();
    List<Pair> params = params(build);
    var stale = outcome == null ? null : builds.stale(build);
    return new Model(
        place,
        build.key().value(),
        path,
        latest || attempt == null ? path : path + "/attempts/" + attempt.number(),
        build.title(),
        build.status().word(),
        latest || attempt == null ? build.status().word() : attempt.status().word(),
        latest,
        build.builder(),
        !build.tags().isEmpty(),
        Tag.of(build, root),
        !params.isEmpty(),
        params,
        attempt != null && latest && !attempt.status().word().equals(build.status().word()),
        attempt == null ? null : AttemptView.of(build, attempt, true, root, null),
        outcome == null ? null : AttemptView.of(build, outcome, false, root, null),
        standing(build, attempt),
        attempt == null ? null : OutcomeTurn.of(attempt, attempts),
        waiters(build),
        stale == null ? null : stale.word(),
        rebuild(build.rebuild()),
        build.again(),
        Shown.moment(builds.expiresAt(build)),
        build.isUnderWay(),
        active == null ? null : active.number(),
        build.isUnderWay() ? build.readAt().toString() : null,
        attempt == null ? null : log(build, attempt, latest, from, root),
        AttemptView.all(build, attempts.stream().limit(ATTEMPTS).toList(), attempt, root),
        attempts.size() > ATTEMPTS,
        attempt == null ? null : commands(build, attempt, place));
  }

  /** Says which attempt's outcome stands where it is not the one that is shown. */
  private static @Nullable String standing(Build build, @Nullable Attempt shown) {
    Attempt outcome = build.outcome();
    return outcome == null || shown == null || outcome.number() == shown.number()
        ? null
        : outcome.status().word();
  }

  private List<Pair> params(Build build) {
    Map<String, String> params = builds.params(build);
    return params.entrySet().stream()
        .map(param -> new Pair(param.getKey(), param.getValue()))
        .toList();
  }

  private static @Nullable RebuildView rebuild(Build.@Nullable RebuildRequest request) {
    return request == null
        ? null
        : new RebuildView(request.by(), Shown.moment(request.at()), request.why());
  }

  private @Nullable String waiters(Build build) {
    int waiters = waiting.count(build);
    return waiters == 0 ? null : waiters == 1 ? "1 caller" : Shown.count(waiters) + " callers";
  }

  private LogView log(
      Build build, Attempt attempt, boolean latest, @Nullable Long from, String root) {
    String path = root + "/builds/" + build.key();
    String stream = latest ? path + "/log" : path + "/attempts/" + attempt.number() + "/log";
    var info = logs.info(attempt.log());
    var sent = new SentLines(List.of(), 0, false, null);
    boolean removed = info.removed();
    if (!removed) {
      try {
        sent = from == null ? SentLines.last(logs, info) : SentLines.from(logs, info, from);
      } catch (LogRemoved _) {
        removed = true; // between two reads
      }
    }
    var dropped = removed ? null : logs.dropped(info);
    long earlier = sent.lines().isEmpty() ? 0 : sent.lines().getFirst().number() - 1;
    return new LogView(
        stream,
        attempt.number() + ":" + sent.position(),
        sent.within(),
        info.lines(),
        dropped == null ? null : new Stretch(dropped.line(), dropped.newlines()),
        from,
        sent.lines(),
        earlier == 0 ? null : Shown.count(earlier),
        Math.max(1, earlier - SentLines.LINES + 1),
        sent.next(),
        removed);
  }

  private static Commands commands(Build build, Attempt attempt, Pages.Place place) {
    Curl curl = new Curl(place.url(), build.key());
    boolean underWay = build.isUnderWay();
    return new Commands(
        curl.ask(),
        curl.look(),
        curl.log(attempt),
        curl.rebuild(underWay),
        build.active() == null ? null : curl.cancel(Objects.requireNonNull(build.active())),
        underWay ? null : curl.delete(),
        curl.removeLog(attempt));
  }
}
