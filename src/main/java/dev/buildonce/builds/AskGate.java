package dev.buildonce.builds;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shares reads of one thing among those who want it at the same time, and lets one of them at a
 * time do what only one should do. A read that began before a caller came may have missed what the
 * caller must see, so a caller shares the next one, never the one in flight.
 *
 * @param <K> what is read or done once
 * @param <V> what a read gives
 */
final class AskGate<K, V> {
  /*
   * There is an entry only while a read is in flight; its waiters are callers with a thread of their own,
   * so the map is bounded by the number of requests that are served at a time. A reader that finds
   * waiters when it is done hands the gate to their first, which reads for all of them.
   */
  private final ConcurrentHashMap<K, Flight<V>> flights = new ConcurrentHashMap<>();

  private static final class Flight<V> {
    private @Nullable Round<V> next;
  }

  private static final class Round<V> {
    private final CompletableFuture<V> result = new CompletableFuture<>();
    private final CompletableFuture<Void> turn = new CompletableFuture<>();
  }

  /**
   * Reads, or shares the read of another caller that begins after this call.
   *
   * @throws RuntimeException what the read throws
   */
  V read(K key, Supplier<V> reader) {
    Join<V> join = new Join<>();
    flights.compute(
        key,
        (_, flight) -> {
          if (flight == null) {
            join.lead = true;
            return new Flight<>();
          }
          if (flight.next == null) {
            flight.next = new Round<>();
            join.lead = true;
          }
          join.round = flight.next;
          return flight;
        });
    Round<V> round = join.round;
    if (!join.lead) {
      return result(round);
    }
    if (round != null) {
      round.turn.join();
    }
    try {
      V value = reader.get();
      if (round != null) {
        round.result.complete(value);
      }
      return value;
    } catch (RuntimeException | Error e) {
      if (round != null) {
        round.result.completeExceptionally(e);
      }
      throw e;
    } finally {
      handOver(key);
    }
  }

  private void handOver(K key) {
    Join<V> join = new Join<>();
    flights.computeIfPresent(
        key,
        (_, flight) -> {
          join.round = flight.next;
          flight.next = null;
          return join.round == null ? null : flight;
        });
    if (join.round != null) {
      join.round.turn.complete(null);
    }
  }

  private static <V> V result(@Nullable Round<V> round) {
    try {
      return Objects.requireNonNull(round).result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static final class Join<V> {
    private boolean lead;
    private @Nullable Round<V> round;
  }
}
