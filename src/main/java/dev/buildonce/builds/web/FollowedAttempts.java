package dev.buildonce.builds.web;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.logs.web.Followed;
import dev.buildonce.logs.web.Standing;
import dev.buildonce.revisions.Wakeups;
import org.jspecify.annotations.Nullable;

/** The attempts of a build as a stream follows them. */
final class FollowedAttempts implements Followed<Told> {
  /** Where a stream goes on from an attempt that has ended. */
  interface Onward {
    /** It ends there. */
    Onward NOWHERE = (_, _) -> null;

    /** To the attempt that retries it, else to the latest. */
    Onward NEWER = (build, ended) -> ended.next() != null ? ended.next() : latest(build);

    /** The number of an attempt, or null if the stream ends. */
    @Nullable Integer from(Build build, Attempt ended);

    private static @Nullable Integer latest(Build build) {
      return build.attempt() == null ? null : (Integer) build.attempt().number();
    }
  }

  private final Builds builds;
  private final Wakeups wakeups;
  private final Build build;
  private final Onward onward;
  private final HeldAsks.@Nullable Place place;

  /**
   * Follows attempts.
   *
   * @param build whose
   * @param onward where to go on from an attempt that has ended
   * @param place given back at the end, or null
   */
  FollowedAttempts(
      Builds builds, Wakeups wakeups, Build build, Onward onward, HeldAsks.@Nullable Place place) {
    this.builds = builds;
    this.wakeups = wakeups;
    this.build = build;
    this.onward = onward;
    this.place = place;
  }

  @Override
  public Standing<Told> look(int number) {
    Build now = builds.find(build.key()).orElseThrow(() -> new UnknownKey(build.key()));
    Attempt latest = now.attempt();
    Attempt attempt =
        latest != null && latest.number() == number
            ? latest
            : builds
                .attempt(now, number)
                .orElseThrow(() -> new UnknownAttempt(now, Integer.toString(number)));
    return new Standing<>(
        number,
        attempt.log(),
        attempt.status().isEnd(),
        attempt.status().isEnd() ? next(now, attempt) : null,
        new Told(now, attempt));
  }

  private @Nullable Integer next(Build now, Attempt ended) {
    Integer next = onward.from(now, ended);
    return next == null || next <= ended.number() ? null : next;
  }

  @Override
  public Watch watch(Runnable onChange) {
    Wakeups.Watch watch = wakeups.watchClosely(build.id(), onChange);
    return () -> {
      watch.close();
      if (place != null) {
        place.close();
      }
    };
  }
}
