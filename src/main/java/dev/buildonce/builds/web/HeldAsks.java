package dev.buildonce.builds.web;

import dev.buildonce.access.CallerLine;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildProperties;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.Waiting;
import dev.buildonce.database.WorkLoop;
import dev.buildonce.revisions.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Asks whose answers are held back until there is an end, bounded in number; none keeps a thread.
 */
@Component
class HeldAsks implements SmartLifecycle, Waiting {
  private static final Logger LOG = LoggerFactory.getLogger(HeldAsks.class);
  private static final long RETRY_SECONDS = 1;
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** More than a database that is away is waited for. */
  private static final Duration STOP = Duration.ofSeconds(6);

  private final Builds builds;
  private final Wakeups wakeups;
  private final int limit;
  private final AtomicInteger held = new AtomicInteger();

  /** Those whose callers hung up: not held any more, but answered, as they may only be silent. */
  private final AtomicInteger hungUp = new AtomicInteger();

  private final ConcurrentHashMap<Long, Group> groups = new ConcurrentHashMap<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final WorkLoop looking;
  private volatile boolean running;

  HeldAsks(Builds builds, Wakeups wakeups, BuildProperties properties, MeterRegistry registry) {
    this.builds = builds;
    this.wakeups = wakeups;
    this.limit = properties.maxWaiting();
    this.looking = WorkLoop.of("hang-ups", LOOK, this::look, registry);
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
  Place enter(Build build, CallerLine line) {
    reserve();
    Seat seat = new Seat(line);
    join(build, seat);
    return () -> leave(build, seat);
  }

  /**
   * Holds an ask.
   *
   * @param build what it waits for
   * @param line whether the caller is still there
   * @param wait how long at most
   * @param settled the answer that a later state of the build gives, if it does; not asked any more
   *     once there is an answer
   * @param late the answer when time is up
   * @throws TooManyWaiting if too many are held already
   */
  DeferredResult<Object> hold(
      Build build,
      CallerLine line,
      Duration wait,
      Function<Seen, Optional<Object>> settled,
      Supplier<Object> late) {
    reserve();
    Waiter waiter = new Waiter(build, line, settled, late);
    Group group = join(build, waiter);
    Future<?> timeUp =
        ForkJoinPool.commonPool()
            .schedule(
                () -> executor.execute(waiter::giveUp), wait.toMillis(), TimeUnit.MILLISECONDS);
    waiter.result.onCompletion(
        () -> {
          timeUp.cancel(false);
          leave(build, waiter);
          waiter.sent.complete(null);
        });
    // The build may have changed before it was watched.
    group.check();
    if (!running) {
      waiter.giveUp();
    }
    return waiter.result;
  }

  /**
   * How many asks of a build are held on this replica by callers that are still there. Who has an
   * answer does not count any more when the first byte of it is sent. Once the attempt has ended
   * there is nothing to wait for: those who are being answered in this moment do not count.
   */
  @Override
  public int count(Build build) {
    if (build.attempt() == null || build.attempt().status().isEnd()) {
      return 0;
    }
    Group group = groups.get(build.id());
    return group == null ? 0 : group.there.get();
  }

  private void reserve() {
    if (held.incrementAndGet() > limit) {
      held.decrementAndGet();
      throw new TooManyWaiting(limit);
    }
  }

  private Group join(Build build, Seat seat) {
    return groups.compute(
        build.id(),
        (_, present) -> {
          Group group = present == null ? new Group(build) : present;
          group.there.incrementAndGet();
          group.seats.add(seat);
          return group;
        });
  }

  /** Is to be answered; keeps its seat until that is sent, as it takes memory until then. */
  private void stopWaiting(Build build, Seat seat) {
    groups.computeIfPresent(
        build.id(),
        (_, group) -> {
          group.lose(seat);
          return group;
        });
  }

  private void leave(Build build, Seat seat) {
    groups.computeIfPresent(
        build.id(),
        (_, group) -> {
          if (!group.seats.remove(seat)) {
            return group;
          }
          if (seat.hungUp) {
            hungUp.decrementAndGet();
          } else {
            held.decrementAndGet();
          }
          group.lose(seat);
          if (!group.seats.isEmpty()) {
            return group;
          }
          group.watch.close();
          return null;
        });
  }

  /** Counts out those whose callers hung up, since nobody may be there any more. */
  private void look() {
    for (Group group : groups.values()) {
      for (Seat seat : group.seats) {
        if (!seat.hungUp && seat.line.isHungUp()) {
          countOut(group, seat);
        }
      }
    }
  }

  private void countOut(Group group, Seat seat) {
    groups.computeIfPresent(
        group.build.id(),
        (_, present) -> {
          if (group.seats.contains(seat)) {
            seat.hungUp = true;
            held.decrementAndGet();
            hungUp.incrementAndGet();
            group.lose(seat);
          }
          return present;
        });
    if (hungUp.get() > limit && seat instanceof Waiter waiter) {
      waiter.fail(new TooManyWaiting(limit));
    }
  }

  @Override
  public void start() {
    running = true;
    looking.start();
  }

  /** After attempts, whose ends those who wait for them are to be told. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }

  /**
   * Answers as if time were up: whoever asks again finds what was asked for. Waits until all of it
   * is sent, before the web server ends what still stands open.
   */
  @Override
  public void stop() {
    running = false;
    looking.stop();
    List<Waiter> waiters = groups.values().stream().flatMap(Group::waiters).toList();
    waiters.forEach(waiter -> executor.execute(waiter::giveUp));
    try {
      CompletableFuture.allOf(
              waiters.stream().map(waiter -> waiter.sent).toArray(CompletableFuture[]::new))
          .get(STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("Not all who wait took their answers before the stop: {}", e.toString());
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

  /** One caller that waits. */
  private static class Seat {
    private final CallerLine line;
    private volatile boolean hungUp;
    private boolean waits = true; // guarded by the map's lock of its build

    Seat(CallerLine line) {
      this.line = line;
    }
  }

  /** One held answer. */
  private final class Waiter extends Seat {
    private final Build build;

    /**
     * Without a timeout: the web server's own would answer 500 between an answer and its sending.
     */
    private final DeferredResult<Object> result = new DeferredResult<>(0L);

    private final CompletableFuture<Void> sent = new CompletableFuture<>();
    private final Function<Seen, Optional<Object>> settled;
    private final Supplier<Object> late;

    Waiter(
        Build build,
        CallerLine line,
        Function<Seen, Optional<Object>> settled,
        Supplier<Object> late) {
      super(line);
      this.build = build;
      this.settled = settled;
      this.late = late;
    }

    void giveUp() {
      if (result.isSetOrExpired()) {
        return;
      }
      try {
        answer(late.get());
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    void check(Seen now) {
      if (result.isSetOrExpired()) {
        return;
      }
      try {
        settled.apply(now).ifPresent(this::answer);
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private void answer(Object answer) {
      stopWaiting(build, this);
      result.setResult(answer);
    }

    private void fail(RuntimeException failure) {
      stopWaiting(build, this);
      result.setErrorResult(failure);
    }
  }

  /** The held asks of one build: a change is read once for all of them. */
  private final class Group {
    private final Build build;
    private final Set<Seat> seats = ConcurrentHashMap.newKeySet();
    private final AtomicInteger there = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final Wakeups.Watch watch;

    Group(Build build) {
      this.build = build;
      this.watch = wakeups.watch(build.id(), this::check);
    }

    /** Who waits no more is counted no more. */
    private void lose(Seat seat) {
      if (seat.waits) {
        seat.waits = false;
        there.decrementAndGet();
      }
    }

    Stream<Waiter> waiters() {
      return seats.stream()
          .flatMap(seat -> seat instanceof Waiter waiter ? Stream.of(waiter) : Stream.empty());
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
          waiters().forEach(waiter -> waiter.check(now));
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
