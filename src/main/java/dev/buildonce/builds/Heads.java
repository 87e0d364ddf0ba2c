package dev.buildonce.builds;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Revisions.Published;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Builds whose outcome stands unflagged, in memory, for asks; as exact as a read of the database.
 */
@Component
class Heads {
  /*
   * What is here was read from the database and stays as it is until a published change of its key: ends,
   * flags and removals all are. Two things are not. A start beside an outcome that goes on answering others
   * (too old for one ask, say) is found by its row, with the barrier; and what is told of an ended attempt
   * when its log is removed is counted (edits).
   *
   * Memory answers only after a read barrier: a look at the counter that begins after the asks arrived, and
   * all changes up to there applied. So what an ask must see (a flag that was set before it came) is either
   * older than what is here or has thrown that out. Several readers may look at a time: one that comes back
   * with less than others have applied meanwhile is served with more than it needs.
   *
   * A load may be overtaken: its read happens before a change, its arrival after that change was applied,
   * and nothing would throw it out any more. So each load leaves a mark before it is sent, a change takes
   * the marks of its key away, and only a load whose mark is still there is kept. Marks are left only while
   * we know from where on changes are applied.
   */
  private static final int PAGE = 500;

  /** From here on it is cheaper to read what is asked for again. */
  private static final int MOST_BEHIND = 5000;

  /** What a build takes without its texts, and a text beside its letters. */
  private static final int BUILD_BYTES = 1500;

  private static final int TEXT_BYTES = 64;

  /** At most, of what an attempt's failure quotes of its log. */
  private static final int EXCERPT_BYTES = 8192;

  /** Whatever a version of this service did that knows nothing of edits ends then. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final ReadBarrier barrier;
  private final Revisions revisions;
  private final Cache<BuildKey, Build> kept;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<BuildKey, Object> loading = new HashMap<>(); // guarded by the lock
  private volatile @Nullable Position applied; // written under the lock

  private record Position(UUID epoch, long revision, long edits) {}

  @Autowired
  Heads(ReadBarrier barrier, Revisions revisions, BuildProperties properties) {
    this(barrier, revisions, properties.hitMemory().toBytes());
  }

  Heads(ReadBarrier barrier, Revisions revisions, long bytes) {
    this.barrier = barrier;
    this.revisions = revisions;
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(Math.min(bytes, Runtime.getRuntime().maxMemory() / 8))
            .weigher(Heads::weight)
            .expireAfterWrite(LONGEST)
            .executor(Runnable::run)
            .build();
  }

  /** Whether it is worth to ask for a key. */
  boolean mayKnow(BuildKey key) {
    return kept.getIfPresent(key) != null;
  }

  /** Those of some builds that are kept, as they stand, by a look that begins after this call. */
  Map<BuildKey, Build> kept(Set<BuildKey> keys) {
    Map<BuildKey, Long> known = new HashMap<>();
    for (BuildKey key : keys) {
      Build build = kept.getIfPresent(key);
      if (build != null) {
        known.put(key, build.id());
      }
    }
    Map<BuildKey, Build> found = new HashMap<>();
    if (!known.isEmpty()) {
      ReadBarrier.Seen seen = pass(known.values());
      known.forEach(
          (key, id) -> {
            Build build = kept.getIfPresent(key);
            if (build != null && build.id() == id && !seen.beside().contains(id)) {
              found.put(key, build.readAt(seen.at()));
            }
          });
    }
    return found;
  }

  private ReadBarrier.Seen pass(Collection<Long> builds) {
    Position before = applied;
    ReadBarrier.Seen seen = barrier.look(builds);
    lock.lock();
    try {
      Position now = applied;
      boolean goesOn =
          before != null
              && now != null
              && now.epoch().equals(seen.epoch())
              // What was there before the look cannot be gone, unless an older state was restored.
              && before.revision() <= seen.revision()
              && before.edits() <= seen.edits()
              && now.edits() >= seen.edits()
              && apply(now, seen.revision());
      if (!goesOn) {
        loading.clear();
        kept.invalidateAll();
        applied = new Position(seen.epoch(), seen.revision(), seen.edits());
      }
    } finally {
      lock.unlock();
    }
    return seen;
  }

  /** Applies the changes up to a revision; false if that is not possible or too many. */
  private boolean apply(Position from, long until) {
    if (until - from.revision() > MOST_BEHIND) {
      return false;
    }
    for (long at = from.revision(); at < until; ) {
      List<Published> changes = revisions.after(at, PAGE);
      if (changes.isEmpty()) {
        return false;
      }
      for (Published change : changes) {
        BuildKey key = new BuildKey(change.change().key());
        loading.remove(key);
        kept.invalidate(key);
      }
      at = changes.getLast().revision();
      applied = new Position(from.epoch(), at, from.edits());
    }
    return true;
  }

  /**
   * Reads builds, and keeps those whose outcome stands.
   *
   * @param load reads them from the database
   */
  Map<BuildKey, Build> load(
      Set<BuildKey> keys, Function<Set<BuildKey>, Map<BuildKey, Build>> load) {
    if (applied == null) {
      pass(List.of());
    }
    Object mark = new Object();
    lock.lock();
    try {
      if (applied != null) {
        keys.forEach(key -> loading.put(key, mark));
      }
    } finally {
      lock.unlock();
    }
    Map<BuildKey, Build> loaded = Map.of();
    try {
      loaded = load.apply(keys);
      return loaded;
    } finally {
      keep(keys, mark, loaded);
    }
  }

  private void keep(Set<BuildKey> keys, Object mark, Map<BuildKey, Build> loaded) {
    lock.lock();
    try {
      for (BuildKey key : keys) {
        Build build = loaded.get(key);
        if (loading.remove(key, mark) && build != null && stands(build)) {
          kept.put(key, build);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean stands(Build build) {
    return build.outcome() != null
        && build.attempt() != null
        && build.rebuild() == null
        && !build.again()
        && !build.isUnderWay();
  }

  private static int weight(BuildKey key, Build build) {
    long bytes = BUILD_BYTES + text(key.value()) + text(build.title());
    for (Map<String, String> params : List.of(build.inputs(), build.extras())) {
      for (var param : params.entrySet()) {
        bytes += text(param.getKey()) + text(param.getValue());
      }
    }
    for (String tag : build.tags()) {
      bytes += text(tag);
    }
    bytes += attempt(build.outcome());
    if (build.attempt() != build.outcome()) {
      bytes += attempt(build.attempt());
    }
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  private static long attempt(@Nullable Attempt attempt) {
    return attempt == null
        ? 0
        : text(attempt.value())
            + text(attempt.failure())
            + text(attempt.requester())
            + (attempt.excerpt() == null ? 0 : EXCERPT_BYTES);
  }

  private static long text(@Nullable String text) {
    return text == null ? 0 : TEXT_BYTES + 2L * text.length();
  }

  /** How many builds are kept; for tests. */
  long size() {
    kept.cleanUp();
    return kept.estimatedSize();
  }
}
