package dev.buildonce.builds;

import dev.buildonce.database.Unavailable;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shares reads among those who want something at the same time: while a few reads are in flight,
 * callers gather, and the next read is for all of them, of one key or of many. A read that began
 * before a caller came may have missed what the caller must see, so a caller shares the next one,
 * never one in flight.
 *
 * @param <K> what is read
 * @param <V> what a read gives for a key; a key that is not there has none
 */
final class AskGate<K, V> {
  /*
   * A round trip to the database costs several times what one more row of it does. The first callers read
   * at once, each for itself; the others wait in rounds. Who opens a round reads for it when its turn has
   * come; a read that ends gives its turn to the oldest round. Rounds hold waiting callers, each with a
   * thread of its own, so they are bounded by the number of requests that are served at a time.
   */
  private final int readers;
  private final int most;
  private final Function<Set<K>, Map<K, V>> read;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Round<K, V>> waiting = new ArrayDeque<>();
  private int reading;

  /**
   * A gate.
   *
   * @param readers how many reads may be in flight
   * @param most how many keys a read may be for
   * @param read reads some keys at once
   */
  AskGate(int readers, int most, Function<Set<K>, Map<K, V>> read) {
    this.readers = readers;
    this.most = most;
    this.read = read;
  }

  private static final class Round<K, V> {
    private final Set<K> keys = new LinkedHashSet<>();
    private final CompletableFuture<Void> turn = new CompletableFuture<>();
    private final CompletableFuture<Map<K, V>> result = new CompletableFuture<>();
  }

  /**
   * Reads, alone or with other callers, by a read that begins after this call; null if there is
   * nothing.
   *
   * @throws RuntimeException what the read throws
   */
  @Nullable V read(K key) {
    Round<K, V> round;
    boolean lead;
    lock.lock();
    try {
      round = waiting.peekLast();
      lead = round == null || (round.keys.size() >= most && !round.keys.contains(key));
      if (lead) {
        round = new Round<>();
        if (reading < readers) {
          reading++;
          round.turn.complete(null);
        } else {
          waiting.add(round);
        }
      }
      round.keys.add(key);
    } finally {
      lock.unlock();
    }
    if (lead) {
      lead(round);
    }
    return result(round, key);
  }

  private void lead(Round<K, V> round) {
    try {
      round.turn.join();
    } catch (CompletionException _) {
      return; // The result says so, too.
    }
    try {
      round.result.complete(read.apply(round.keys));
    } catch (RuntimeException | Error e) {
      round.result.completeExceptionally(e);
      if (Unavailable.isCauseOf(e)) {
        failWaiting(e);
      }
    } finally {
      handOver();
    }
  }

  private void handOver() {
    Round<K, V> next;
    lock.lock();
    try {
      next = waiting.poll();
      if (next == null) {
        reading--;
      }
    } finally {
      lock.unlock();
    }
    if (next != null) {
      next.turn.complete(null);
    }
  }

  /** With the database away, those who wait would get the same, one after the other, too late. */
  private void failWaiting(Throwable reason) {
    while (true) {
      Round<K, V> round;
      lock.lock();
      try {
        round = waiting.poll();
      } finally {
        lock.unlock();
      }
      if (round == null) {
        return;
      }
      round.result.completeExceptionally(reason);
      round.turn.completeExceptionally(reason);
    }
  }

  private @Nullable V result(Round<K, V> round, K key) {
    try {
      return round.result.join().get(key);
    } catch (CompletionException e) {
      boolean shared = round.keys.size() > 1 && !Unavailable.isCauseOf(e);
      if (shared) {
        // Another key may be what it failed for.
        return read.apply(Set.of(key)).get(key);
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
