package dev.buildonce.dispatch;

import dev.buildonce.database.Home;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Heartbeat;
import dev.buildonce.leases.Holder;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.runners.Pools;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** The leases that this life of this replica holds. */
@Component
class HeldLeases {
  private final UUID holder;
  private final Leases leases;
  private final Duration term;
  private final Map<Long, Lease> held = new ConcurrentHashMap<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final UUID home;

  HeldLeases(Holder holder, Home home, Leases leases, Pools pools) {
    this.holder = holder.id();
    this.home = home.id();
    this.leases = leases;
    this.term = pools.leaseTerm();
  }

  UUID holder() {
    return holder;
  }

  Duration term() {
    return term;
  }

  /** Of two holds on one attempt the later one counts. */
  void add(Lease lease) {
    held.merge(lease.attemptId(), lease, (one, other) -> one.fence() > other.fence() ? one : other);
  }

  void remove(Lease lease) {
    held.remove(lease.attemptId(), lease);
  }

  /** Whether this life carries an attempt. */
  boolean holds(long attemptId) {
    return held.containsKey(attemptId);
  }

  /** How many of a pool are held, and run or are to run here. */
  long count(String pool) {
    return held.values().stream()
        .filter(lease -> lease.pool().equals(pool))
        .filter(lease -> lease.home() == null || lease.home().equals(home))
        .count();
  }

  List<Lease> all() {
    return List.copyOf(held.values());
  }

  /** The attempts that this life carries. */
  Collection<Long> attempts() {
    return List.copyOf(held.keySet());
  }

  /** Gives up an attempt that has not run. */
  boolean release(Lease lease) {
    return Transactions.work(() -> leases.release(lease.attemptId(), lease.fence()));
  }

  /** Renews these in the database and says what it knows of each. */
  List<Heartbeat> renew(Collection<Long> attempts) {
    return Transactions.work(() -> leases.renew(holder, attempts, term));
  }

  /**
   * Waits a moment before something is tried again.
   *
   * @throws InterruptedException if the service gave up carrying meanwhile
   */
  void pause(Duration pause) throws InterruptedException {
    if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("The service stops");
    }
  }

  /**
   * Waits for as long as that takes.
   *
   * @throws InterruptedException if the service is told to stop meanwhile: somebody else may wait
   */
  void waitUnlessStopping(Duration time) throws InterruptedException {
    if (stopping.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("The service stops");
    }
  }

  /** Has those give up who wait for what others can as well. */
  void stopping() {
    stopping.countDown();
  }

  /** Has all who pause give up. */
  void close() {
    stopping.countDown();
    closed.countDown();
  }
}
