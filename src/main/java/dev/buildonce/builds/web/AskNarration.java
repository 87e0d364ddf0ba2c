package dev.buildonce.builds.web;

import dev.buildonce.builds.Answer;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.logs.web.Narration;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Our own lines in the text answer to an ask. */
final class AskNarration implements Narration<Told> {
  private static final String US = "buildonce: ";

  private final Answer answer;
  private final String url;
  private final boolean cutUnlessSuccess;

  /**
   * The lines of an answer.
   *
   * @param url the build's
   * @param cutUnlessSuccess whether curl has to see from a cut connection that there is no success
   */
  AskNarration(Answer answer, String url, boolean cutUnlessSuccess) {
    this.answer = answer;
    this.url = url;
    this.cutUnlessSuccess = cutUnlessSuccess;
  }

  @Override
  public String opening(Told now) {
    Build build = answer.build();
    String line =
        switch (answer) {
          case Answer.Hit _ -> "hit, " + age(build) + " old";
          case Answer.Joined _ -> "joined attempt " + number(build);
          case Answer.Started _ -> "started attempt " + number(build);
        };
    String pending = now.attempt().pendingReason();
    return US + line + ": " + url + (pending == null ? "" : " (" + pending + ")");
  }

  private static int number(Build build) {
    return Objects.requireNonNull(build.attempt()).number();
  }

  private static String age(Build build) {
    Instant finished = Objects.requireNonNull(build.outcome()).finishedAt();
    Duration age = finished == null ? Duration.ZERO : Duration.between(finished, build.readAt());
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + " h" : seconds / 86400 + " days";
  }

  @Override
  public @Nullable String changed(Told before, Told now) {
    Attempt attempt = now.attempt();
    if (before.attempt().number() != attempt.number()) {
      return US
          + "attempt "
          + before.attempt().number()
          + " "
          + verdict(before.attempt())
          + "; on to attempt "
          + attempt.number();
    }
    String reason = attempt.pendingReason();
    boolean told = Objects.equals(before.attempt().pendingReason(), reason);
    return reason == null || told ? null : US + reason;
  }

  @Override
  public String silence(Told now) {
    Attempt attempt = now.attempt();
    Instant since = attempt.startedAt() == null ? attempt.queuedAt() : attempt.startedAt();
    long seconds = Duration.between(since, now.build().readAt()).toSeconds();
    return US + "still " + attempt.status().word() + " after " + Math.max(0, seconds) + " s";
  }

  @Override
  public String removed() {
    return US + "the log was removed";
  }

  @Override
  public String verdict(Told last) {
    return US + verdict(last.attempt());
  }

  /** How an attempt ended, in one line. */
  static String verdict(Attempt attempt) {
    if (attempt.status() == AttemptStatus.SUCCEEDED) {
      Duration run = attempt.runTime();
      double seconds = run == null ? 0 : run.toMillis() / 1000.0;
      return String.format(Locale.ROOT, "succeeded in %.1f s", seconds);
    }
    return attempt.failure() == null
        ? attempt.status().word()
        : attempt.status().word() + ": " + attempt.failure();
  }

  @Override
  public boolean cut(Told last) {
    return cutUnlessSuccess && last.attempt().status() != AttemptStatus.SUCCEEDED;
  }
}
