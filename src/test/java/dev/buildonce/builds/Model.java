package dev.buildonce.builds;

import dev.buildonce.builds.Rebuilds.Result;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One key as the contract has it, in a few lists and no database. */
final class Model {
  static final int RETRIES = 2;
  static final int KEPT = 3;
  private static final int MOST_INTERRUPTIONS = 3;

  /** An attempt of the model. */
  static final class Try {
    final int number;
    final Cause reason;
    final int retry;
    final int interrupted;
    AttemptStatus status = AttemptStatus.QUEUED;
    int version;
    boolean marked;
    @Nullable Integer next;

    Try(int number, Cause reason, int retry, int interrupted, int version) {
      this.number = number;
      this.reason = reason;
      this.retry = retry;
      this.interrupted = interrupted;
      this.version = version;
    }

    @Override
    public String toString() {
      return "%d %s %s retry=%d version=%d marked=%s next=%s"
          .formatted(number, status.word(), reason.word(), retry, version, marked, next);
    }
  }

  boolean known;
  int latest;
  final List<Try> tries = new ArrayList<>();
  @Nullable Try outcome;
  boolean expired;
  @Nullable String flaggedBy;
  @Nullable String againBy;
  int version = 1;
  long changes;

  /** What an ask is answered. */
  record Told(String answer, @Nullable Cause cause) {}

  Told ask(boolean noCache, boolean onlyIfCached) {
    Cause cause = stale(noCache);
    if (cause == null) {
      return new Told("hit", null);
    }
    if (onlyIfCached) {
      return new Told("not cached", null);
    }
    if (active() != null) {
      return new Told("joined", cause);
    }
    known = true;
    start(cause, 0, 0);
    return new Told("started", cause);
  }

  private @Nullable Cause stale(boolean noCache) {
    if (outcome == null) {
      return Cause.MISSING;
    }
    if (flaggedBy != null) {
      return Cause.REBUILD;
    }
    if (outcome.version != version) {
      return Cause.BUILDER_CHANGED;
    }
    if (expired) {
      return Cause.EXPIRED;
    }
    return noCache ? Cause.TOO_OLD : null;
  }

  private Try start(Cause reason, int retry, int interrupted) {
    Try started = new Try(++latest, reason, retry, interrupted, version);
    tries.add(started);
    return started;
  }

  @Nullable Try active() {
    return tries.stream()
        .filter(each -> !each.status.isEnd() && !each.marked)
        .findFirst()
        .orElse(null);
  }

  @Nullable Try running() {
    return tries.stream()
        .filter(each -> each.status == AttemptStatus.RUNNING)
        .findFirst()
        .orElse(null);
  }

  boolean busy() {
    return tries.stream().anyMatch(each -> !each.status.isEnd());
  }

  /** A runner takes what is queued and may run; false if there is nothing. */
  boolean run() {
    Try next = active();
    boolean alone = tries.stream().filter(each -> !each.status.isEnd()).count() == 1;
    if (next == null || next.status != AttemptStatus.QUEUED || !alone) {
      return false;
    }
    next.status = AttemptStatus.RUNNING;
    next.version = version;
    return true;
  }

  /** What was taken back before it ran ends. */
  void sweep() {
    tries.stream()
        .filter(each -> each.status == AttemptStatus.QUEUED && each.marked)
        .forEach(
            each -> {
              each.status = AttemptStatus.CANCELLED;
              changes++;
            });
  }

  void end(AttemptEnd end) {
    Try ended = running();
    if (ended == null) {
      return;
    }
    changes++;
    if (ended.marked) {
      ended.status = AttemptStatus.CANCELLED;
      return;
    }
    ended.status = end.status();
    boolean again = againBy != null;
    if (end.status().isOutcome()) {
      outcome = ended;
      expired = false;
      flaggedBy = againBy;
      changes += again ? 1 : 0;
    }
    boolean free =
        end.retry() == AttemptEnd.Retry.NOT_COUNTED && ended.interrupted < MOST_INTERRUPTIONS;
    if (free) {
      ended.next = start(Cause.RETRY, ended.retry, ended.interrupted + 1).number;
    } else if (end.retry() != AttemptEnd.Retry.NO && ended.retry < RETRIES) {
      ended.next = start(Cause.RETRY, ended.retry + 1, ended.interrupted).number;
    } else if (again) {
      start(Cause.REBUILD, 0, 0);
    }
    againBy = null;
  }

  Result rebuild(String by, boolean again) {
    if (!known) {
      return Result.UNKNOWN;
    }
    boolean active = active() != null;
    if (again && active && againBy == null) {
      againBy = by;
    }
    if (outcome != null && flaggedBy == null) {
      flaggedBy = by;
      changes++;
      return Result.FLAGGED;
    }
    if (active) {
      return again ? Result.QUEUED_AFTER : Result.BUILDING;
    }
    return outcome == null ? Result.UNBUILT : Result.ALREADY_FLAGGED;
  }

  String cancel(@Nullable Integer number) {
    if (!known) {
      return "UnknownKey";
    }
    Try active = active();
    if (active == null) {
      boolean ending =
          tries.stream()
              .anyMatch(
                  each ->
                      !each.status.isEnd()
                          && each.marked
                          && (number == null || number == each.number));
      return ending ? "cancelled" : "NotBuilding";
    }
    if (number != null && number != active.number) {
      return "AttemptChanged";
    }
    active.marked = true;
    againBy = null;
    return "cancelled";
  }

  String delete() {
    if (!known) {
      return "UnknownKey";
    }
    if (busy()) {
      return "StillBuilding";
    }
    known = false;
    tries.clear();
    outcome = null;
    flaggedBy = null;
    expired = false;
    changes++;
    return "removed";
  }

  /** Only the newest attempts are kept, and the one whose outcome stands. */
  void trim() {
    tries.removeIf(each -> each.number <= latest - KEPT && each.status.isEnd() && each != outcome);
  }

  /** Nobody asked for long. */
  void forget() {
    trim();
    delete();
  }

  BuildStatus status() {
    Try active = active();
    if (active != null) {
      return BuildStatus.of(active.status.word());
    }
    return outcome == null ? BuildStatus.UNBUILT : BuildStatus.of(outcome.status.word());
  }
}
