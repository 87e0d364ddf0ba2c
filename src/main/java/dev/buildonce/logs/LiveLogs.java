package dev.buildonce.logs;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The logs that are watched on this replica, and their recent bytes. */
final class LiveLogs {

  private final ConcurrentHashMap<Long, LiveLog> watched = new ConcurrentHashMap<>();
  private final RecentBytes recent;

  /**
   * Watches nothing yet.
   *
   * @param recentBytes how many bytes it keeps for all of them together
   */
  LiveLogs(long recentBytes) {
    this.recent = new RecentBytes(recentBytes);
  }

  /** Enters a tail with the log it watches. */
  LiveLog watch(long id, LogTail tail) {
    return watched.compute(
        id,
        (key, live) -> {
          LiveLog watchedNow = live == null ? new LiveLog(key) : live;
          watchedNow.add(tail);
          return watchedNow;
        });
  }

  void unwatch(long id, LogTail tail) {
    watched.computeIfPresent(id, (key, live) -> live.remove(tail) ? null : live);
  }

  /** Passes on what a writer of this replica has committed. */
  void committed(LogId id, Append append) {
    LiveLog live = watched.get(id.value());
    if (live != null) {
      recent.add(id.value(), append.stretch());
      live.learn(new LiveLog.Known(append.end(), false, false));
    }
  }

  @Nullable LiveLog find(long id) {
    return watched.get(id);
  }

  RecentBytes recent() {
    return recent;
  }

  /** The watched logs that may still change. */
  long[] open() {
    return watched.values().stream()
        .filter(live -> !live.known().closed())
        .mapToLong(LiveLog::id)
        .toArray();
  }

  int size() {
    return watched.size();
  }
}
