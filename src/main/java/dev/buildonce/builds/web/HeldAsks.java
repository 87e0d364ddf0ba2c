package dev.buildonce.builds.web;

import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildProperties;
import dev.buildonce.builds.Builds;
import dev.buildonce.revisions.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Asks whose answers are held back until there is an end, bounded in number; none keeps a thread.
 */
@Component
class HeldAsks implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(HeldAsks.class);
  private static final long RETRY_SECONDS = 1;

  private final Builds builds;
  private final Wakeups wakeups;
  private final int limit;
  private final AtomicInteger held = new AtomicInteger();
  private final ConcurrentHashMap<Long, Group> groups = new ConcurrentHashMap<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean running;

  HeldAsks(Builds builds, Wakeups wakeups, BuildProperties properties, MeterRegistry registry) {
    this.builds = builds;
    this.wakeups = wakeups;
    this.limit = properties.maxWaiting();
    registry.gauge("buildonce.asks.held", held);
  }

  /** A place among the held asks of a build, until it is closed. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes a place for an ask that is held in some way of its own, such as a stream.
   *
   * @throws TooManyWaiting if there is none
   */
  Place enter(Build build) {
    reserve();
    Group group = join(build, null);
    return new Place() {
      private final AtomicInteger open = new AtomicInteger(1);

      @Override
      public void close() {
        if (open.getAndSet(0) == 1) {
          leave(group, null);
        }
      }
    };
  }

  /**
   * Holds an ask.
   *
   * @param build what it waits for
   * @param wait how long at most
   * @param settled the answer that a later state of the build gives, if it does; not asked any more
   *     once there is an answer
   * @param late the answer when time is up
   * @throws TooManyWaiting if too many are held already
   */
  DeferredResult<Object> hold(
      Build build, Duration wait, Function<Seen, Optional<Object>> settled, Supplier<Object> late) {
    reserve();
    Waiter waiter = new Waiter(new DeferredResult<>(Math.max(1, wait.toMillis())), settled, late);
    Group group = join(build, waiter);
    waiter.result.onCompletion(() -> leave(group, waiter));
    waiter.result.onTimeout(waiter::giveUp);
    // The build may have changed before it was watched.
    group.check();
    if (!running) {
      waiter.giveUp();
    }
    return waiter.result;
  }

  /**
   * How many asks of a build are held on this replica. Once its attempt has ended there is nothing
   * to wait for: those who are being answered in this moment do not count.
   */
  int count(Build build) {
    if (build.attempt() == null || build.attempt().status().isEnd()) {
      return 0;
    }
    Group group = groups.get(build.id());
    return group == null ? 0 : group.size.get();
  }

  private void reserve() {
    if (held.incrementAndGet() > limit) {
      held.decrementAndGet();
      throw new TooManyWaiting(limit);
    }
  }

  private Group join(Build build, @Nullable Waiter waiter) {
    return groups.compute(
        build.id(),
        (id, present) -> {
          Group group = present == null ? new Group(build) : present;
          group.size.incrementAndGet();
          if (waiter != null) {
            group.waiters.add(waiter);
          }
          return group;
        });
  }

  private void leave(Group group, @Nullable Waiter waiter) {
    groups.compute(
        group.build.id(),
        (_, present) -> {
          if (waiter != null && !group.waiters.remove(waiter)) {
            return present;
          }
          held.decrementAndGet();
          if (group.size.decrementAndGet() > 0) {
            return present;
          }
          group.watch.close();
          return null;
        });
  }

  @Override
  public void start() {
    running = true;
  }

  /** After attempts, whose ends those who wait for them are to be told. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }

  /** Answers as if time were up: whoever asks again finds what was asked for. */
  @Override
  public void stop() {
    running = false;
    for (Group group : List.copyOf(groups.values())) {
      group.waiters.forEach(waiter -> executor.execute(waiter::giveUp));
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** What was seen of a build for all who wait for it, until one of them brings something newer. */
  static final class Seen {
    private Optional<Build> build;

    private Seen(Optional<Build> build) {
      this.build = build;
    }

    /** The build as it stands, or nothing if it is forgotten. */
    Optional<Build> build() {
      return build;
    }

    /** Has those who are looked at after this one see the build as it is now. */
    void replace(Build newer) {
      build = Optional.of(newer);
    }
  }

  /** One held answer. */
  private static final class Waiter {
    private final DeferredResult<Object> result;
    private final Function<Seen, Optional<Object>> settled;
    private final Supplier<Object> late;

    Waiter(
        DeferredResult<Object> result,
        Function<Seen, Optional<Object>> settled,
        Supplier<Object> late) {
      this.result = result;
      this.settled = settled;
      this.late = late;
    }

    void giveUp() {
      try {
        result.setResult(late.get());
      } catch (RuntimeException e) {
        result.setErrorResult(e);
      }
    }

    void check(Seen now) {
      if (result.isSetOrExpired()) {
        return;
      }
      try {
        settled.apply(now).ifPresent(result::setResult);
      } catch (RuntimeException e) {
        result.setErrorResult(e);
      }
    }
  }

  /** The held asks of one build: a change is read once for all of them. */
  private final class Group {
    private final Build build;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final Wakeups.Watch watch;

    Group(Build build) {
      this.build = build;
      this.watch = wakeups.watch(build.id(), this::check);
    }

    void check() {
      if (changes.getAndIncrement() == 0) {
        executor.execute(this::checkAll);
      }
    }

    private void checkAll() {
      int seen;
      do {
        seen = changes.get();
        try {
          Seen now = new Seen(builds.find(build.key()));
          waiters.forEach(waiter -> waiter.check(now));
        } catch (RuntimeException e) {
          LOG.warn("Cannot look at {} for those who wait for it: {}", build.key(), e.getMessage());
          changes.set(0);
          CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS, executor)
              .execute(this::check);
          return;
        }
      } while (!changes.compareAndSet(seen, 0));
    }
  }
}
