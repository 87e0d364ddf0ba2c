package dev.buildonce.dispatch;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Environment;
import dev.buildonce.builds.AttemptEnd;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.builds.Attempts.Carried;
import dev.buildonce.leases.Heartbeat;
import dev.buildonce.leases.Lease;
import dev.buildonce.logs.FenceLost;
import dev.buildonce.logs.LogBatches;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.LogWriter;
import dev.buildonce.logs.Mask;
import dev.buildonce.runners.Attachment;
import dev.buildonce.runners.BackendUnavailable;
import dev.buildonce.runners.Command;
import dev.buildonce.runners.End;
import dev.buildonce.runners.RunnerBackend;
import dev.buildonce.runners.Sink;
import dev.buildonce.runners.StartFailed;
import dev.buildonce.runners.Value;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One command of one attempt on its runner, from its start to its end. */
final class AttemptRun implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptRun.class);
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(10);
  private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

  private final Steps steps;
  private final Lease lease;
  private final Carried attempt;
  private final Builder builder;
  private final RunnerBackend backend;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final byte[] buffer = new byte[64 * 1024];
  private @Nullable LogBatches batches;
  private Mask mask = Mask.none();
  private boolean adopted;

  // guarded by lock
  private Duration timeout;
  private long deadline;
  private long stored;
  private boolean late; // the database, too, says that the deadline has passed
  private boolean cancelled;
  private boolean stopping;
  private boolean lost;
  private boolean mayRun;
  private @Nullable End end;
  private @Nullable RuntimeException broken;

  AttemptRun(Steps steps, Lease lease, Carried attempt, Builder builder, RunnerBackend backend) {
    this.steps = steps;
    this.lease = lease;
    this.attempt = attempt;
    this.builder = builder;
    this.backend = backend;
    this.timeout = lease.timeout();
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  /** The pool that it runs in. */
  String pool() {
    return lease.pool();
  }

  /** Tells what a renewed lease says. */
  void heard(Heartbeat heartbeat) {
    change(
        () -> {
          cancelled |= heartbeat.stop();
          timeout = heartbeat.timeout();
          deadline = System.nanoTime() + heartbeat.left().toNanos();
        });
  }

  /** Tells that the service stops and the attempt has to end. */
  void stop() {
    change(() -> stopping = true);
  }

  /** Tells that somebody else took the lease. */
  void lost() {
    change(() -> lost = true);
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean ask(BooleanSupplier question) {
    lock.lock();
    try {
      return question.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether processes of the attempt may be running: nobody saw their end, and a successor must not
   * run beside them.
   */
  boolean mayRun() {
    return ask(() -> mayRun && end == null);
  }

  /**
   * Runs the command and says how the attempt ended.
   *
   * @throws FenceLost if somebody else took the lease: then nothing is to be published
   */
  AttemptEnd run(Command command, Environment environment) throws InterruptedException {
    LogWriter writer = writer(Mask.of(environment.secrets()));
    // What was heard before it ran was the deadline of the queue.
    change(() -> deadline = System.nanoTime() + timeout.toNanos());
    change(() -> mayRun = true);
    try {
      backend.start(lease.attemptId(), command);
    } catch (StartFailed e) {
      change(() -> mayRun = false);
      return AttemptEnd.errored(null, "The command cannot be started: " + e.getMessage(), Retry.NO);
    } catch (BackendUnavailable e) {
      change(() -> mayRun = e.mayRun());
      return AttemptEnd.errored(null, "No runner took it: " + e.getMessage(), Retry.COUNTED);
    }
    return follow(writer);
  }

  /**
   * Goes on with a command that an earlier holder started, where the stored log ends.
   *
   * @param secrets what it was given, to mask
   * @throws FenceLost if somebody else took the lease: then nothing is to be published
   */
  AttemptEnd adopt(Collection<String> secrets) throws InterruptedException {
    adopted = true;
    change(() -> mayRun = true);
    LogWriter writer = writer(Mask.of(secrets));
    if (!steps.knows(lease.attemptId())) {
      // It never started, or the machine was restarted.
      return AttemptEnd.lost(
          "The service that ran it stopped without a word; it is tried again", Retry.NOT_COUNTED);
    }
    // What remains of its time; a heartbeat corrects it should this fail.
    steps.hear(this, lease);
    steps.pending(lease, null);
    return follow(writer);
  }

  private LogWriter writer(Mask covering) throws InterruptedException {
    mask = covering;
    LogLimit limit = new LogLimit(builder.logLimit().toBytes());
    return steps.writer(attempt.log(), lease.fence(), limit, covering);
  }

  private AttemptEnd follow(LogWriter writer) throws InterruptedException {
    Held attachment = new Held();
    FailureScan scan = steps.scan(attempt.log(), builder);
    try (LogBatches storing =
        new LogBatches(writer, scan::take, () -> stored(writer, attachment))) {
      batches = storing;
      try (Attachment attached = backend.attach(lease.attemptId(), writer.sourceOffset(), this)) {
        attachment.attachment = attached;
        Wish wish = await(scan);
        finish(storing);
        return explained(judge(wish), scan);
      }
    } catch (BackendUnavailable e) {
      return AttemptEnd.errored(null, "The runner was lost: " + e.getMessage(), Retry.COUNTED);
    }
  }

  private void stored(LogWriter writer, Held attachment) {
    attachment.stored(writer.sourceOffset());
    change(() -> stored = writer.length());
  }

  /** Adds what the log tells, where it may tell why. */
  private AttemptEnd explained(AttemptEnd ended, FailureScan scan) throws InterruptedException {
    Integer code = ended.exitCode();
    boolean told =
        switch (ended.status()) {
          case FAILED, TIMED_OUT -> true;
          case ERRORED -> code != null && code != 0;
          default -> false;
        };
    return told ? ended.with(steps.excerpt(scan)) : ended;
  }

  /** Made before the attachment that it stands for. */
  private static final class Held {
    private volatile @Nullable Attachment attachment;

    void stored(long offset) {
      Attachment attached = attachment;
      if (attached != null) {
        attached.stored(offset);
      }
    }
  }

  /** On whose wish the runner was told to stop the attempt. */
  private enum Wish {
    NOBODYS,
    CANCELLED,
    TIMED_OUT,
    STOPPED
  }

  /** Waits for the end; whatever else happens first has the runner told to bring it about. */
  private Wish await(FailureScan scan) throws InterruptedException {
    Wish wish = Wish.NOBODYS;
    boolean told = false;
    lock.lockInterruptibly();
    try {
      // Each turn looks at everything anew: where the lock was released, anything may have changed.
      while (end == null) {
        if (broken != null) {
          throw broken;
        }
        if (lost) {
          throw new LeaseLost(lease.attemptId());
        }
        if (wish == Wish.NOBODYS) {
          wish = wish();
        }
        long left = deadline - System.nanoTime();
        if (wish != Wish.NOBODYS && !told) {
          told = unlocked(this::tellRunner);
          if (!told) {
            changed.awaitNanos(LOOK);
          }
        } else if (wish != Wish.NOBODYS) {
          changed.awaitNanos(LOOK);
        } else if (left > 0 && scan.isBehind(stored)) {
          long known = stored;
          unlocked(() -> scan.follow(known));
        } else if (left > 0) {
          changed.awaitNanos(left);
        } else {
          // Somebody may have raised the timeout since the last heartbeat.
          unlocked(() -> steps.hear(this, lease));
          late = deadline - System.nanoTime() <= 0;
        }
      }
      return wish;
    } finally {
      lock.unlock();
    }
  }

  private Wish wish() {
    if (cancelled) {
      return Wish.CANCELLED;
    }
    if (stopping) {
      return Wish.STOPPED;
    }
    return late ? Wish.TIMED_OUT : Wish.NOBODYS;
  }

  private boolean tellRunner() {
    try {
      backend.stop(lease.attemptId(), builder.grace());
      return true;
    } catch (BackendUnavailable e) {
      LOG.warn("Attempt {} cannot be stopped yet: {}", lease.attemptId(), e.getMessage());
      return false;
    }
  }

  private boolean unlocked(BooleanSupplier call) {
    lock.unlock();
    try {
      return call.getAsBoolean();
    } finally {
      lock.lock();
    }
  }

  private void finish(LogBatches storing) throws InterruptedException {
    while (!storing.finish(STORE_PATIENCE)) {
      if (ask(() -> lost)) {
        throw new LeaseLost(lease.attemptId());
      }
    }
  }

  private AttemptEnd judge(Wish wish) throws InterruptedException {
    End ended = Objects.requireNonNull(end);
    if (adopted && ended.cause() == End.Cause.VANISHED && wish == Wish.NOBODYS) {
      return AttemptEnd.lost(
          "Its runner and the service that ran it vanished; it is tried again", Retry.NOT_COUNTED);
    }
    // What ended by itself before the runner could stop it did end by itself.
    boolean itself = ended.cause() == End.Cause.ITSELF && wish != Wish.CANCELLED;
    return switch (itself ? Wish.NOBODYS : adopted ? wishOfOld(wish, ended) : wish) {
      case CANCELLED -> AttemptEnd.cancelled("Cancelled while it ran");
      case TIMED_OUT ->
          AttemptEnd.timedOut(
              "It ran longer than its timeout of " + seconds(timeout) + " and was ended");
      case STOPPED ->
          AttemptEnd.lost(
              "The service was stopped and ended it; it is tried again", Retry.NOT_COUNTED);
      case NOBODYS -> Verdict.of(ended, builder, value(), () -> steps.tail(attempt.log()));
    };
  }

  /** What an earlier holder may have wished for before it went: an end that we did not. */
  private Wish wishOfOld(Wish wish, End ended) {
    if (wish != Wish.NOBODYS || ended.cause() != End.Cause.STOPPED) {
      return wish;
    }
    return ask(() -> deadline - System.nanoTime() <= 0) ? Wish.TIMED_OUT : Wish.STOPPED;
  }

  /** A value is shown as it was written or not at all. */
  private Value value() {
    Value value = backend.value(lease.attemptId());
    return value instanceof Value.Json(byte[] bytes) && mask.occursIn(bytes)
        ? new Value.Bad("holds a secret, which would be shown")
        : value;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() / 1000.0 + " s";
  }

  @Override
  public void bytes(ByteBuffer data) throws InterruptedException {
    LogBatches storing = Objects.requireNonNull(batches);
    try {
      while (data.hasRemaining()) {
        int length = Math.min(data.remaining(), buffer.length);
        data.get(buffer, 0, length);
        storing.write(buffer, 0, length);
      }
    } catch (RuntimeException e) {
      broken(e);
      throw e;
    }
  }

  @Override
  public void pending(@Nullable String line) {
    steps.pending(lease, line == null ? null : mask.cover(line));
  }

  @Override
  public void ended(End how) {
    change(() -> end = how);
  }

  @Override
  public void broken(RuntimeException reason) {
    change(() -> broken = reason);
  }
}
