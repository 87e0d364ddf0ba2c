package dev.buildonce.dispatch;

import dev.buildonce.builds.AttemptCancelled;
import dev.buildonce.builds.AttemptQueued;
import dev.buildonce.database.Disk;
import dev.buildonce.database.Home;
import dev.buildonce.database.Transactions;
import dev.buildonce.database.WorkLoop;
import dev.buildonce.leases.Heartbeat;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.runners.Execution;
import dev.buildonce.runners.Pools;
import dev.buildonce.runners.RunnerBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Takes queued attempts while their pools have room, keeps their leases, and picks up what nobody
 * carries on. The desired work is computed afresh on every event and on a tick, so no wake-up can
 * be lost.
 */
@Component
class Dispatcher implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int SWEEP = 100;
  private static final long LONGEST_END = 20; // seconds

  private final Leases leases;
  private final HeldLeases held;
  private final Carriage carriage;
  private final RunnerBackend backend;
  private final Pools pools;
  private final UUID home;
  private final Disk disk;
  private final WorkLoop picking;
  private final WorkLoop sweeping;
  private final WorkLoop beating;
  private final WorkLoop tidying;
  private final UnbrokenReading reading; // by the sweeping loop alone
  private final ExecutorService carriers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("attempt-", 0).factory());
  private volatile boolean running;

  Dispatcher(
      Leases leases,
      HeldLeases held,
      Carriage carriage,
      RunnerBackend backend,
      Pools pools,
      Home home,
      Disk disk,
      MeterRegistry registry) {
    this.leases = leases;
    this.held = held;
    this.carriage = carriage;
    this.backend = backend;
    this.pools = pools;
    this.home = home.id();
    this.disk = disk;
    this.picking = WorkLoop.of("pick", TICK, this::pick, registry);
    this.sweeping = WorkLoop.of("sweep", TICK, this::sweep, registry);
    this.reading = new UnbrokenReading(pools.leaseTerm());
    this.tidying = WorkLoop.of("tidy", pools.leaseTerm(), this::tidy, registry);
    this.beating = WorkLoop.of("heartbeat", pools.leaseTerm().dividedBy(3), this::beat, registry);
    for (String pool : pools.pools().keySet()) {
      registry.gauge(
          "buildonce.pool.running",
          Tags.of("pool", pool),
          held,
          leasesHeld -> leasesHeld.count(pool));
    }
  }

  @EventListener
  void onQueued(AttemptQueued queued) {
    picking.wake();
  }

  @EventListener
  void onCancelled(AttemptCancelled cancelled) {
    beating.wake();
    sweeping.wake();
  }

  private void pick() {
    if (disk.low()) {
      return; // what was queued before, and retries, wait for room
    }
    for (Map.Entry<String, Pools.Pool> pool : pools.pools().entrySet()) {
      int room = pool.getValue().capacity() - Math.toIntExact(held.count(pool.getKey()));
      if (room > 0 && running) {
        leases
            .pick(pool.getKey(), room, held.holder(), home, held.term())
            .forEach(lease -> carry(lease, true));
      }
    }
  }

  private void sweep() {
    boolean mayJudge;
    try {
      leases
          .takeAbandoned(held.holder(), home, held.term(), held.attempts(), SWEEP)
          .forEach(lease -> carry(lease, false));
      mayJudge = reading.read(leases.now());
    } catch (RuntimeException e) {
      reading.failed();
      throw e;
    }
    if (mayJudge) {
      leases
          .takeExpired(held.holder(), held.term(), held.attempts(), SWEEP)
          .forEach(lease -> carry(lease, false));
    }
  }

  /**
   * Ends what is on our runners without a lease: its attempt has ended elsewhere, after the lease
   * was taken from us. What somebody holds a lease of is not ours to end.
   */
  private void tidy() {
    List<Long> left =
        backend.list().stream()
            .map(Execution::attempt)
            .filter(attempt -> !held.holds(attempt))
            .toList();
    if (left.isEmpty()) {
      return;
    }
    Set<Long> leased = leases.among(left);
    for (long attempt : left) {
      if (!leased.contains(attempt)) {
        LOG.info("Ending attempt {}, which nobody carries any more", attempt);
        backend.end(attempt);
      }
    }
  }

  private void carry(Lease lease, boolean room) {
    held.add(lease);
    carriers.execute(
        () -> {
          try {
            Transactions.work(() -> carryInterruptibly(lease, room));
          } catch (RuntimeException | Error e) {
            // No longer held, its lease expires and the sweep takes it up again.
            LOG.error("Attempt {} is not carried on for now", lease.attemptId(), e);
          } finally {
            held.remove(lease);
            picking.wake();
          }
        });
  }

  private void carryInterruptibly(Lease lease, boolean room) {
    try {
      carriage.carry(lease, room);
    } catch (InterruptedException e) {
      // The service gave up; whoever takes the lease next goes on.
      Thread.currentThread().interrupt();
    }
  }

  /** Renews what is held; what is missing from the answer was taken by somebody else. */
  private void beat() {
    List<Lease> before = held.all();
    if (before.isEmpty()) {
      return;
    }
    Map<Long, Heartbeat> heard =
        held.renew(before.stream().map(Lease::attemptId).toList()).stream()
            .collect(Collectors.toMap(Heartbeat::attemptId, Function.identity()));
    for (Lease lease : before) {
      Heartbeat heartbeat = heard.get(lease.attemptId());
      carriage
          .run(lease.attemptId())
          .ifPresent(
              run -> {
                if (heartbeat != null && heartbeat.fence() == lease.fence()) {
                  run.heard(heartbeat);
                } else {
                  run.lost();
                }
              });
    }
  }

  @Override
  public void start() {
    Transactions.work(this::recover);
    running = true;
    sweeping.start();
    beating.start();
    tidying.start();
    picking.start();
  }

  /** Takes up at once what an earlier life of this home left. */
  private void recover() {
    List<Lease> ours =
        leases.takeAbandoned(held.holder(), home, held.term(), held.attempts(), Integer.MAX_VALUE);
    ours.forEach(lease -> carry(lease, false));
  }

  /** Starts nothing new, gives running attempts their time, then ends them. */
  @Override
  public void stop() {
    running = false;
    held.stopping();
    picking.stop();
    sweeping.stop();
    tidying.stop();
    carriers.shutdown();
    try {
      long begin = System.nanoTime();
      boolean done = false;
      for (Duration timeout : shutdownTimeouts()) {
        long left = timeout.toNanos() - (System.nanoTime() - begin);
        done = carriers.awaitTermination(left, TimeUnit.NANOSECONDS);
        if (!done) {
          stopRuns(timeout);
        }
      }
      if (!done && !carriers.awaitTermination(LONGEST_END, TimeUnit.SECONDS)) {
        LOG.warn("{} attempts are left to the next start", held.all().size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    held.close();
    carriers.shutdownNow();
    beating.stop();
  }

  private Set<Duration> shutdownTimeouts() {
    return pools.pools().values().stream()
        .map(Pools.Pool::shutdownTimeout)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Stops what runs in pools that give it no more time than that. */
  private void stopRuns(Duration timeout) {
    for (AttemptRun run : carriage.runs()) {
      Pools.Pool pool = pools.pools().get(run.pool());
      if (pool == null || pool.shutdownTimeout().compareTo(timeout) <= 0) {
        run.stop();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
