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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One command of one attempt on its runner, from its start to its end. */
final class AttemptRun implements Sink {
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(10);

  private final Carriage carriage;
  private final Lease lease;
  private final Carried attempt;
  private final Builder builder;
  private final RunnerBackend backend;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long deadline;
  private boolean cancelled;
  private boolean stopping;
  private boolean lost;
  private @Nullable End end;
  private @Nullable RuntimeException broken;
  private @Nullable LogBatches batches;
  private final byte[] buffer = new byte[64 * 1024];

  AttemptRun(
      Carriage carriage, Lease lease, Carried attempt, Builder builder, RunnerBackend backend) {
    this.carriage = carriage;
    this.lease = lease;
    this.attempt = attempt;
    this.builder = builder;
    this.backend = backend;
    this.deadline = System.nanoTime() + lease.timeout().toNanos();
  }

  /** Tells what a renewed lease says. */
  void heard(Heartbeat heartbeat) {
    change(
        () -> {
          cancelled |= heartbeat.stop();
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

  /**
   * Runs the command and says how the attempt ended.
   *
   * @throws FenceLost if somebody else took the lease: then nothing is to be published
   */
  AttemptEnd run(Command command, Environment environment) throws InterruptedException {
    LogWriter writer =
        carriage
            .logs()
            .writer(
                attempt.log(),
                lease.fence(),
                new LogLimit(builder.logLimit().toBytes()),
                Mask.of(environment.secrets()));
    try {
      backend.start(lease.attemptId(), command);
    } catch (StartFailed e) {
      return AttemptEnd.errored(null, "The command cannot be started: " + e.getMessage(), Retry.NO);
    } catch (BackendUnavailable e) {
      return AttemptEnd.errored(null, "No runner took it: " + e.getMessage(), Retry.COUNTED);
    }
    Held attachment = new Held();
    try (LogBatches storing =
        new LogBatches(writer, () -> attachment.stored(writer.sourceOffset()))) {
      batches = storing;
      try (Attachment attached = backend.attach(lease.attemptId(), writer.sourceOffset(), this)) {
        attachment.attachment = attached;
        Ended how = await();
        finish(storing);
        return judge(how);
      }
    } catch (BackendUnavailable e) {
      return AttemptEnd.errored(null, "The runner was lost: " + e.getMessage(), Retry.COUNTED);
    }
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

  /** How the wait for the end was over, and on whose wish. */
  private enum Ended {
    BY_ITSELF,
    CANCELLED,
    TIMED_OUT,
    STOPPED
  }

  private Ended await() throws InterruptedException {
    Ended wish = Ended.BY_ITSELF;
    lock.lockInterruptibly();
    try {
      while (end == null) {
        if (broken != null) {
          throw broken;
        }
        if (lost) {
          throw new LeaseLost(lease.attemptId());
        }
        if (wish == Ended.BY_ITSELF) {
          wish = wish();
          if (wish != Ended.BY_ITSELF) {
            unlocked(() -> backend.stop(lease.attemptId(), builder.grace()));
            continue;
          }
        }
        long left = deadline - System.nanoTime();
        changed.awaitNanos(
            wish == Ended.BY_ITSELF ? Math.max(left, 1) : TimeUnit.SECONDS.toNanos(1));
      }
      return wish;
    } finally {
      lock.unlock();
    }
  }

  private Ended wish() {
    if (cancelled) {
      return Ended.CANCELLED;
    }
    if (stopping) {
      return Ended.STOPPED;
    }
    if (deadline - System.nanoTime() > 0) {
      return Ended.BY_ITSELF;
    }
    // Somebody may have raised the timeout since the last heartbeat.
    unlocked(() -> carriage.hear(this, lease));
    return deadline - System.nanoTime() > 0 ? Ended.BY_ITSELF : Ended.TIMED_OUT;
  }

  private void unlocked(Runnable call) {
    lock.unlock();
    try {
      call.run();
    } finally {
      lock.lock();
    }
  }

  private void finish(LogBatches storing) throws InterruptedException {
    while (!storing.finish(STORE_PATIENCE)) {
      if (isLost()) {
        throw new LeaseLost(lease.attemptId());
      }
    }
  }

  private boolean isLost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  private AttemptEnd judge(Ended how) {
    End ended = Objects.requireNonNull(end);
    return switch (how) {
      case CANCELLED -> AttemptEnd.cancelled("Cancelled while it ran");
      case TIMED_OUT ->
          AttemptEnd.timedOut(
              "It ran longer than its timeout of " + seconds(lease.timeout()) + " and was ended");
      case STOPPED ->
          AttemptEnd.lost(
              "The service was stopped and ended it; it is tried again", Retry.NOT_COUNTED);
      case BY_ITSELF ->
          Verdict.of(
              ended, builder, backend.value(lease.attemptId()), () -> carriage.tail(attempt.log()));
    };
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
      change(() -> broken = e);
      throw e;
    }
  }

  @Override
  public void pending(@Nullable String line) {
    carriage.pending(lease, line);
  }

  @Override
  public void ended(End how) {
    change(() -> end = how);
  }
}
