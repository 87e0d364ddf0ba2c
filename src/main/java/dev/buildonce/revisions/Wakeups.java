package dev.buildonce.revisions;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.stereotype.Component;

/**
 * Tells those on this replica who wait for a build that something about it may have changed. A
 * wake-up carries nothing: who is woken looks again. It is sent after the commit, and one too many
 * does no harm.
 */
@Component
public final class Wakeups {
  /*
   * An entry exists only while somebody watches; who may watch is bounded where they come in (held
   * asks, streams). The set of one build is replaced as a whole under the map's lock for that key.
   */
  private final ConcurrentHashMap<Long, Set<Watch>> watches = new ConcurrentHashMap<>();
  private final List<Runnable> onAny = new CopyOnWriteArrayList<>();

  Wakeups() {}

  /** Someone's interest in a build, until it is closed. */
  public final class Watch implements AutoCloseable {
    private final long buildId;
    private final Runnable onChange;
    private final boolean close;

    private Watch(long buildId, Runnable onChange, boolean close) {
      this.buildId = buildId;
      this.onChange = onChange;
      this.close = close;
    }

    @Override
    public void close() {
      watches.computeIfPresent(
          buildId,
          (_, set) -> {
            set.remove(this);
            return set.isEmpty() ? null : set;
          });
    }
  }

  /**
   * Has {@code onChange} run after each change of a build, on the thread that made it: it must be
   * quick, must not block and must not throw.
   */
  public Watch watch(long buildId, Runnable onChange) {
    return add(new Watch(buildId, onChange, false));
  }

  /**
   * Like {@link #watch}, and woken for what only a person cares for, too: its place in the queue.
   */
  public Watch watchClosely(long buildId, Runnable onChange) {
    return add(new Watch(buildId, onChange, true));
  }

  /** Has {@code onChange} run after each change of any build, for good, as {@link #watch} does. */
  public void watchAll(Runnable onChange) {
    onAny.add(onChange);
  }

  private Watch add(Watch watch) {
    watches.compute(
        watch.buildId,
        (_, set) -> {
          Set<Watch> watching = set == null ? ConcurrentHashMap.newKeySet() : set;
          watching.add(watch);
          return watching;
        });
    return watch;
  }

  /** Wakes all who watch a build; call it after the commit. */
  public void wake(long buildId) {
    onAny.forEach(Runnable::run);
    Set<Watch> watching = watches.get(buildId);
    if (watching != null) {
      watching.forEach(watch -> watch.onChange.run());
    }
  }

  /** Wakes those who watch a build closely. */
  public void wakeClose(long buildId) {
    Set<Watch> watching = watches.get(buildId);
    if (watching != null) {
      watching.stream().filter(watch -> watch.close).forEach(watch -> watch.onChange.run());
    }
  }

  /** The builds that somebody watches now. */
  public Collection<Long> watched() {
    return watches.keySet();
  }
}
