package dev.buildonce.logs;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that readers of watched logs need now: what writers of this replica committed and what
 * was read from the database, the oldest given up first. One bound holds for all logs together.
 */
final class RecentBytes {

  /** What an entry costs besides its bytes. */
  private static final int OVERHEAD = 200;

  private record Place(long log, long from) {
    static final Comparator<Place> ORDER =
        Comparator.comparingLong(Place::log).thenComparingLong(Place::from);
  }

  private record Entry(Place place, Stretch stretch) {
    long weight() {
      return OVERHEAD + stretch.to() - stretch.from();
    }
  }

  private final ConcurrentSkipListMap<Place, Entry> entries =
      new ConcurrentSkipListMap<>(Place.ORDER);
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Entry> oldestFirst = new ArrayDeque<>();
  private final long most;
  private long weight;

  /** Keeps about this many bytes at most. */
  RecentBytes(long most) {
    this.most = most;
  }

  @Nullable Stretch find(long log, long offset) {
    var entry = entries.floorEntry(new Place(log, offset));
    if (entry == null || entry.getKey().log() != log) {
      return null;
    }
    Stretch stretch = entry.getValue().stretch();
    return stretch.contains(offset) ? stretch : null;
  }

  void add(long log, Stretch stretch) {
    var entry = new Entry(new Place(log, stretch.from()), stretch);
    lock.lock();
    try {
      entries.put(entry.place(), entry);
      oldestFirst.add(entry);
      weight += entry.weight();
      while (weight > most) {
        Entry oldest = oldestFirst.remove();
        weight -= oldest.weight();
        entries.remove(oldest.place(), oldest);
      }
    } finally {
      lock.unlock();
    }
  }

  long weight() {
    lock.lock();
    try {
      return weight;
    } finally {
      lock.unlock();
    }
  }
}
