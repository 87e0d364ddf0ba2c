package dev.buildonce.views;

import dev.buildonce.database.WorkLoop;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Revisions.Head;
import dev.buildonce.revisions.Revisions.Published;
import dev.buildonce.revisions.Wakeups;
import dev.buildonce.streams.Signal;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The latest changes, read once for all who follow them on this replica. */
@Component
class Feed extends WorkLoop {
  /*
   * A follower has a position and no queue: what it does not take in time it reads later, from the
   * latest changes in memory or, further back, from the database. So a slow one costs nothing and
   * holds up nobody.
   */
  static final int CHANGED = 1;

  private static final Duration INTERVAL = Duration.ofMillis(200);

  /** How many changes are kept in memory. */
  private static final int RECENT = 10_000;

  private static final int PAGE = 500;

  private final Revisions revisions;
  private final Set<Signal> followers = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private final Deque<Published> recent = new ArrayDeque<>();
  private @Nullable UUID epoch;
  private long last;
  private long readAt;

  Feed(Revisions revisions, Wakeups wakeups, MeterRegistry registry) {
    super("events", INTERVAL, registry);
    this.revisions = revisions;
    wakeups.watchAll(this::changed);
  }

  private void changed() {
    if (!followers.isEmpty()) {
      wake();
    }
  }

  /** Has a signal raised whenever there may be more, until the registration is closed. */
  Registration follow(Signal signal) {
    followers.add(signal);
    wake();
    return () -> followers.remove(signal);
  }

  /** Someone who follows. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  protected void turn() {
    if (followers.isEmpty()) {
      forget();
      return;
    }
    Head head = revisions.head();
    boolean news = begin(head);
    for (long from = known(); from < head.revision(); from = known()) {
      List<Published> more = revisions.after(from, PAGE);
      if (more.isEmpty()) {
        break;
      }
      add(more);
      news = true;
    }
    noteRead();
    if (news) {
      followers.forEach(signal -> signal.raise(CHANGED));
    }
  }

  private synchronized void forget() {
    recent.clear();
    epoch = null;
  }

  /** Forgets what is known if that is too long ago or of another epoch; whether it did. */
  private synchronized boolean begin(Head head) {
    boolean goesOn =
        head.epoch().equals(epoch) && last <= head.revision() && head.revision() - last <= RECENT;
    if (!goesOn) {
      recent.clear();
      epoch = head.epoch();
      last = head.revision();
    }
    return !goesOn;
  }

  private synchronized long known() {
    return last;
  }

  private synchronized void add(List<Published> more) {
    recent.addAll(more);
    last = more.getLast().revision();
    while (recent.size() > RECENT) {
      recent.removeFirst();
    }
  }

  private synchronized void noteRead() {
    readAt = System.nanoTime();
  }

  /** Whether everything that was published up to this {@link System#nanoTime} is known here. */
  synchronized boolean isCurrent(long since) {
    return epoch != null && readAt - since >= 0;
  }

  /**
   * The changes that follow a revision, some of them if there are many; empty if none is known yet.
   *
   * @throws RevisionGone if they cannot be told any more
   */
  List<Published> after(UUID ofEpoch, long revision) {
    synchronized (this) {
      if (epoch != null && !epoch.equals(ofEpoch)) {
        throw new RevisionGone("Revisions are counted anew.");
      }
      if (epoch == null || revision >= last) {
        return List.of();
      }
      if (!recent.isEmpty() && recent.getFirst().revision() <= revision + 1) {
        long skip = revision + 1 - recent.getFirst().revision();
        return recent.stream().skip(skip).limit(PAGE).toList();
      }
    }
    List<Published> older = revisions.after(revision, PAGE);
    if (older.isEmpty()) {
      throw new RevisionGone("The changes after revision " + revision + " are no longer kept.");
    }
    return older;
  }
}
