package dev.buildonce.logs;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/** A log that somebody on this replica watches, and how far it is known to be committed. */
final class LiveLog {

  /** What is known of it: it only ever gets longer, then closed, then removed. */
  record Known(long length, boolean closed, boolean removed) {
    static final Known NOTHING = new Known(0, false, false);

    Known with(Known more) {
      return new Known(
          Math.max(length, more.length), closed || more.closed, removed || more.removed);
    }
  }

  private final long id;
  private final Set<LogTail> tails = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Known> known = new AtomicReference<>(Known.NOTHING);

  /** Held while one reader loads from the database, so that others find what it loaded. */
  private final ReentrantLock loading = new ReentrantLock();

  LiveLog(long id) {
    this.id = id;
  }

  long id() {
    return id;
  }

  Known known() {
    return known.get();
  }

  ReentrantLock loading() {
    return loading;
  }

  void add(LogTail tail) {
    tails.add(tail);
  }

  /** Forgets a tail; true if it was the last one. */
  boolean remove(LogTail tail) {
    tails.remove(tail);
    return tails.isEmpty();
  }

  /** Learns more and wakes who watches if it is news. */
  void learn(Known more) {
    Known before = known.getAndUpdate(now -> now.with(more));
    if (!before.equals(before.with(more))) {
      tails.forEach(LogTail::wake);
    }
  }

  void learn(LogRow row) {
    learn(new Known(row.bytes(), row.closedAt() != null, row.removed()));
  }
}
