package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.database.Disk;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Leases;
import dev.buildonce.revisions.Wakeups;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** One answer per key: from its outcome, by joining its active attempt, or by starting one. */
@Component
public final class Builds {
  /*
   * Two orders keep a key from being built twice. Its outcome is looked up again under the lock on its
   * row: a look before that can miss an attempt that ends in between. And an ending attempt publishes
   * its outcome first and wakes its waiters after the commit. The index attempts_active is the net.
   *
   * The gate and the map of starts only save work within this replica: a burst of asks, for one cold key or
   * for many that are known, is a few reads and one transaction a key, not one of each per caller. Two reads
   * at a time are what a processor or two can do at once; what came meanwhile is cheaper read together.
   */
  private static final String NO_ROOM = "waiting for room on the service's disk";

  private static final int READERS = 2;

  /** A bound on memory: a build may carry a value of 1 MiB. */
  private static final int MOST_READ_AT_ONCE = 32;

  /** These are in memory anyway. */
  private static final int MOST_KEPT_AT_ONCE = 1000;

  private final AskGate<BuildKey, Build> reads =
      new AskGate<>(READERS, MOST_READ_AT_ONCE, this::readAll);

  /** One look at a time, or they would be twice as many and each for half of the asks. */
  private final AskGate<BuildKey, Build> kept;

  private final AskGate<BuildKey, Build> loads;
  private final ConcurrentHashMap<BuildKey, CompletableFuture<Void>> starting =
      new ConcurrentHashMap<>();

  private final BuildTable builds;
  private final Heads heads;
  private final AttemptTable attempts;
  private final Inputs inputs;
  private final Freshness freshness;
  private final Starts starts;
  private final Leases leases;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final ApplicationEventPublisher events;
  private final BuildMetrics metrics;
  private final Uses uses;
  private final Disk disk;

  Builds(
      BuildTable builds,
      Heads heads,
      AttemptTable attempts,
      Inputs inputs,
      Freshness freshness,
      Starts starts,
      Leases leases,
      Transactions transactions,
      Wakeups wakeups,
      ApplicationEventPublisher events,
      BuildMetrics metrics,
      Uses uses,
      Disk disk) {
    this.builds = builds;
    this.heads = heads;
    this.kept = new AskGate<>(1, MOST_KEPT_AT_ONCE, heads::kept);
    this.loads = new AskGate<>(READERS, MOST_READ_AT_ONCE, keys -> heads.load(keys, this::readAll));
    this.attempts = attempts;
    this.inputs = inputs;
    this.freshness = freshness;
    this.starts = starts;
    this.leases = leases;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.events = events;
    this.metrics = metrics;
    this.uses = uses;
    this.disk = disk;
  }

  /**
   * Answers an ask.
   *
   * @throws UnknownBuild if it repeats what is not known
   * @throws InvalidBuild if it cannot be built as it is written
   * @throws KeyConflict if the key names other inputs
   * @throws NotCached if it wanted only an outcome, and none answers
   * @throws QueueFull if an attempt would have to wait in a full queue
   */
  public Answer ask(BuildKey key, Ask ask) {
    Answer answer = answer(key, ask, Freshness.Limits.of(ask));
    metrics.answered(answer);
    uses.note(answer.build().id());
    return answer;
  }

  /**
   * Answers an ask once more that waits since it started or joined attempt {@code since}, because
   * that one's outcome was flagged or forgotten before the ask could be answered with it. The
   * outcome of any later attempt is as fresh as can be.
   */
  public Answer askAgain(BuildKey key, Ask ask, int since) {
    Answer answer = answer(key, ask, Freshness.Limits.of(ask, since));
    if (answer instanceof Answer.Started started) {
      metrics.started(started.build().builder());
    }
    return answer;
  }

  private Answer answer(BuildKey key, Ask ask, Freshness.Limits limits) {
    while (true) {
      Build known = known(key);
      Inputs.Wanted wanted = inputs.check(key, ask, known);
      Answer answer = known == null ? null : look(known, ask, limits);
      if (answer == null && ask.onlyIfCached()) {
        throw new NotCached(key, known);
      }
      if (answer == null) {
        starts.requireStartable(wanted);
        answer = startOnce(key, ask, limits);
      }
      if (answer != null) {
        return answer;
      }
    }
  }

  /** The hit or join that a read of the build gives, or null if an attempt has to be started. */
  private @Nullable Answer look(Build build, Ask ask, Freshness.Limits limits) {
    Cause cause = freshness.stale(build, limits);
    if (cause == null) {
      return new Answer.Hit(build);
    }
    Attempt active = build.active();
    if (active == null || ask.onlyIfCached()) {
      return null;
    }
    raise(build, active, ask);
    return new Answer.Joined(build, cause);
  }

  /**
   * Only a wish that changes the attempt writes. Who names no priority wants 0, and who names no
   * timeout the builder's.
   */
  private void raise(Build build, Attempt active, Ask ask) {
    Leases.Wishes present = active.wishes();
    Builder builder = inputs.builder(build.builder());
    if (present == null || builder == null) {
      return;
    }
    int priority = ask.priority() == null ? 0 : ask.priority();
    Duration timeout = ask.timeout() == null ? builder.timeout() : ask.timeout();
    boolean sooner = active.status() == AttemptStatus.QUEUED && priority > present.priority();
    if (sooner || timeout.compareTo(present.timeout()) > 0) {
      leases.raise(active.id(), priority, timeout);
    }
  }

  /**
   * Starts an attempt unless another caller of this replica just does that: then null, and the
   * caller looks again.
   */
  private @Nullable Answer startOnce(BuildKey key, Ask ask, Freshness.Limits limits) {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> other = starting.putIfAbsent(key, mine);
    if (other != null) {
      return awaitStart(other);
    }
    try {
      Answer answer = transactions.call(() -> start(key, ask, limits));
      starting.remove(key, mine);
      mine.complete(null);
      if (answer instanceof Answer.Started started) {
        events.publishEvent(new AttemptQueued(started.build().id()));
        wakeups.wake(started.build().id());
      }
      return answer;
    } catch (RuntimeException | Error e) {
      starting.remove(key, mine);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * What failed the other would fail this caller as well, one after the other for thousands; unless
   * it was about what the other asked for.
   */
  private static @Nullable Answer awaitStart(CompletableFuture<Void> other) {
    try {
      other.join();
      return null;
    } catch (CompletionException e) {
      return switch (e.getCause()) {
        case KeyConflict _, InvalidBuild _, UnknownBuild _ -> null;
        case RuntimeException cause -> throw cause;
        case null, default -> throw e;
      };
    }
  }

  private Answer start(BuildKey key, Ask ask, Freshness.Limits limits) {
    long id = lock(key, ask);
    Build build = builds.find(id).orElseThrow();
    Inputs.Wanted wanted = inputs.check(key, ask, build);
    Answer answer = look(build, ask, limits);
    if (answer != null) {
      return answer;
    }
    starts.requireStartable(wanted);
    Cause cause = Objects.requireNonNull(freshness.stale(build, limits));
    starts.start(build, wanted, ask, cause);
    return new Answer.Started(builds.find(id).map(this::withPlace).orElseThrow(), cause);
  }

  /**
   * Locks the key's row, which is made if there is none, or was forgotten in the meantime: then the
   * ask has to say by itself what it wants.
   */
  private long lock(BuildKey key, Ask ask) {
    Build known = builds.find(key).orElse(null);
    if (known != null && builds.lock(known.id())) {
      return known.id();
    }
    Inputs.Wanted wanted = inputs.check(key, ask, null);
    return builds.lockOrInsert(
        new BuildTable.NewBuild(
            key,
            wanted.builder(),
            wanted.inputs(),
            wanted.digest(),
            Starts.title(wanted),
            ask.requester()));
  }

  /** The build as it stands, read from the database after this call began; empty if unknown. */
  public Optional<Build> find(BuildKey key) {
    return Optional.ofNullable(reads.read(key));
  }

  /**
   * The same for asks: an outcome that stands comes from memory, where it is as exact. What has to
   * be loaded holds up nobody who asks for something else.
   */
  private @Nullable Build known(BuildKey key) {
    Build build = heads.mayKnow(key) ? kept.read(key) : null;
    return build == null ? loads.read(key) : build;
  }

  private Map<BuildKey, Build> readAll(Set<BuildKey> keys) {
    Map<BuildKey, Build> found = new HashMap<>();
    builds.find(keys).forEach(build -> found.put(build.key(), withPlace(build)));
    return found;
  }

  private Build withPlace(Build build) {
    Attempt attempt = build.attempt();
    return attempt == null ? build : build.with(withPlace(attempt));
  }

  /** What holds a queued attempt back changes with the others of its queue, so it is not stored. */
  private Attempt withPlace(Attempt attempt) {
    if (!attempt.status().isEnd() && attempt.cancelledAt() != null) {
      return attempt.pending("cancelled, its processes are being ended");
    }
    if (attempt.status() != AttemptStatus.QUEUED) {
      return attempt;
    }
    return leases
        .place(attempt.id())
        .map(place -> attempt.pending(disk.low() ? NO_ROOM : place.reason()))
        .orElse(attempt);
  }

  /** One attempt of a build. */
  public Optional<Attempt> attempt(Build build, int number) {
    return attempts.find(build.id(), number).map(this::withPlace);
  }

  /** Up to {@code limit} attempts of a build with numbers below {@code below}, newest first. */
  public List<Attempt> attempts(Build build, int below, int limit) {
    return attempts.list(build.id(), below, limit);
  }

  /** Why the outcome of a build does not answer a plain ask, or null if it does. */
  public @Nullable Cause stale(Build build) {
    return freshness.stale(build, Freshness.Limits.NONE);
  }

  /**
   * Why the outcome of a build does not answer an ask that started or joined attempt {@code since},
   * or null if it does.
   */
  public @Nullable Cause stale(Build build, Ask ask, int since) {
    return freshness.stale(build, Freshness.Limits.of(ask, since));
  }

  /** When the outcome stops answering by its builder's word, or null. */
  public @Nullable Instant expiresAt(Build build) {
    return freshness.expiresAt(build);
  }

  /** The params of a build that may be shown, by name. */
  public Map<String, String> params(Build build) {
    return inputs.shown(build);
  }

  /** The builder's present version, or null if it is gone. */
  public @Nullable String builderVersion(Build build) {
    Builder builder = inputs.builder(build.builder());
    return builder == null ? null : builder.version().toString();
  }
}
