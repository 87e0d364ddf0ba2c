package dev.buildonce.builds;

import dev.buildonce.database.Home;
import dev.buildonce.leases.Holder;
import dev.buildonce.leases.Leases;
import dev.buildonce.leases.Only;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The secret params of the attempts that were started here, in memory and nowhere else: nobody but
 * this life of this replica can start those attempts, and when it ends they are gone.
 */
@Component
class SecretParams {
  /*
   * They are kept before the transaction that starts their attempt commits, as the attempt may be picked
   * right after. A rollback takes them back. What nobody takes back (a commit of unknown fate, an attempt
   * that ended elsewhere) is swept away once it has no lease and is older than any transaction can be.
   */
  private static final long SETTLED = TimeUnit.MINUTES.toNanos(5);

  /** Characters of all that is kept at a time. */
  static final long MOST = 64L << 20;

  private final Leases leases;
  private final Only only;
  private final Map<Long, Kept> kept = new ConcurrentHashMap<>();
  private final AtomicLong size = new AtomicLong();

  SecretParams(Leases leases, Holder holder, Home home) {
    this.leases = leases;
    this.only = new Only(holder.id(), home.id());
  }

  private record Kept(Map<String, String> values, long size, long since) {
    static Kept of(Map<String, String> values) {
      long size = values.values().stream().mapToLong(String::length).sum();
      return new Kept(Map.copyOf(values), size, System.nanoTime());
    }

    @Override
    public String toString() {
      return values.keySet().toString();
    }
  }

  /** Who alone may start attempts whose secrets are kept here. */
  Only only() {
    return only;
  }

  /**
   * Keeps the secrets of an attempt, unless the caller's transaction is rolled back.
   *
   * @throws TooManySecrets if there is no room for them
   */
  void keep(long attemptId, Map<String, String> values) {
    Kept more = Kept.of(values);
    if (size.get() + more.size() > MOST) {
      throw new TooManySecrets();
    }
    put(attemptId, more);
  }

  /** Has the successor of an attempt keep its secrets, unless the transaction is rolled back. */
  void pass(long from, long to) {
    Kept passed = kept.get(from);
    if (passed != null) {
      put(to, Kept.of(passed.values()));
    }
  }

  private void put(long attemptId, Kept more) {
    kept.put(attemptId, more);
    size.addAndGet(more.size());
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCompletion(int status) {
            if (status == STATUS_ROLLED_BACK) {
              forget(attemptId);
            }
          }
        });
  }

  /** The secrets of an attempt; empty if it has none, or none are known here. */
  Map<String, String> of(long attemptId) {
    Kept found = kept.get(attemptId);
    return found == null ? Map.of() : found.values();
  }

  /** Forgets the secrets of an attempt that has ended. */
  void forget(long attemptId) {
    Kept gone = kept.remove(attemptId);
    if (gone != null) {
      size.addAndGet(-gone.size());
    }
  }

  /** Forgets the secrets of attempts that have ended without a word to this replica. */
  void sweep() {
    long now = System.nanoTime();
    Collection<Long> old =
        List.copyOf(kept.entrySet()).stream()
            .filter(entry -> now - entry.getValue().since() > SETTLED)
            .map(Map.Entry::getKey)
            .toList();
    if (!old.isEmpty()) {
      Set<Long> live = leases.among(old);
      old.stream().filter(attempt -> !live.contains(attempt)).forEach(this::forget);
    }
  }
}
