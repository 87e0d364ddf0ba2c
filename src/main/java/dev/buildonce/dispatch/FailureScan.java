package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.FailureExcerpt;
import dev.buildonce.logs.LogBlocks;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogInfo;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.LogLine;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through a log for the line that most tellingly is an error. One thread gives it what is
 * stored next, another one asks it once all is stored.
 */
/*
 * It looks at what is stored and keeps nothing of it, so that whoever takes up an attempt finds what
 * the holder before would have. It sees each batch in memory, on its way; what it has not seen, of an
 * attempt that was taken up, is read: while the log is written if that is much, so that little is
 * left at the end, else at the end, if at all. What was seen so may be dropped later, but for the
 * head: that is looked through by itself, and the rest once more if it was.
 */
final class FailureScan {
  private static final Logger LOG = LoggerFactory.getLogger(FailureScan.class);

  /** How much may be left to the end: some hundredths of a second. */
  private static final long LEFT = 16L * 1024 * 1024;

  /** How long what is stored next is offered, in milliseconds. */
  private static final long SOON = 10;

  private static final int BEFORE = 2;
  private static final int AFTER = 5;
  private static final int MOST_BYTES = 512 * 1024;

  private final Logs logs;
  private final LogId log;
  private final Builder builder;
  private final long limit;
  private final long headEnd;
  private final ErrorFinder inHead;
  private final LogBlocks head;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by lock
  private @Nullable ErrorFinder inRest;
  private @Nullable LogBlocks rest;
  private boolean behind;
  private boolean onlyReads; // after a failure that the next batch would meet again
  private long failedAt = -1;

  FailureScan(Logs logs, LogId log, Builder builder) {
    this.logs = logs;
    this.log = log;
    this.builder = builder;
    this.limit = builder.logLimit().toBytes();
    this.headEnd = new LogLimit(limit).head();
    this.inHead = new ErrorFinder(builder.errorPatterns(), 0);
    this.head = logs.blocks(log, 0, headEnd, inHead);
  }

  /** Looks at what is stored next, unless something before it was not looked at yet. */
  void take(Piece.Kept piece) {
    if (!holdsSoon()) {
      return; // what is before it is just being read, so it would not fit
    }
    try {
      if (onlyReads) {
        return;
      }
      if (rest == null && !inHead.isDone()) {
        head.offer(piece);
      }
      if (rest == null
          && piece.end() > headEnd
          && (inHead.isDone() || head.position() >= headEnd)) {
        leaveHead();
      }
      if (rest != null && piece.end() <= limit && !finder().isDone()) {
        rest.offer(piece);
      }
    } catch (RuntimeException e) {
      onlyReads = true;
      LOG.warn("Log {} cannot be looked through as it is written", log, e);
    } finally {
      lock.unlock();
    }
  }

  /** Takes the lock unless somebody reads under it, which may take seconds: storing cannot wait. */
  private boolean holdsSoon() {
    try {
      return lock.tryLock(SOON, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Whether to read now, of a log that is so long by now: there is much to read, or there was and
   * what is stored next does not fit yet. Does not wait.
   */
  boolean isBehind(long stored) {
    if (!lock.tryLock()) {
      return false; // it is just being looked at
    }
    try {
      long left = stored == failedAt ? 0 : left(stored);
      behind = left > (behind ? 0 : LEFT);
      return behind;
    } finally {
      lock.unlock();
    }
  }

  private long left(long stored) {
    if (rest == null) {
      boolean more = stored > headEnd || !inHead.isDone();
      return more ? stored - head.position() : 0;
    }
    return stored <= limit && !finder().isDone() ? stored - rest.position() : 0;
  }

  /** Reads a little; false if that failed, so that it is better tried again later. */
  boolean follow(long stored) {
    lock.lock();
    try {
      step(stored);
      return true;
    } catch (RuntimeException e) {
      LOG.debug("Log {} cannot be looked through now", log, e);
      failedAt = stored;
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Reads a little; false if there is nothing more to read or to find. */
  private boolean step(long stored) {
    if (rest == null) {
      if (!inHead.isDone() && head.step(stored)) {
        return true;
      }
      if (stored <= headEnd) {
        return false;
      }
      leaveHead();
    }
    return !finder().isDone() && part().step(stored);
  }

  private void leaveHead() {
    head.finish();
    begin();
  }

  private void begin() {
    ErrorFinder.Found best = inHead.best();
    inRest = new ErrorFinder(builder.errorPatterns(), best == null ? 0 : best.score());
    rest = logs.blocks(log, headEnd, Long.MAX_VALUE, inRest);
  }

  private LogBlocks part() {
    return rest == null ? head : rest;
  }

  private ErrorFinder finder() {
    return inRest == null ? inHead : inRest;
  }

  /** What the log, to which nothing is added any more, tells; null if that is nothing. */
  @Nullable FailureExcerpt excerpt() {
    LogInfo info = logs.info(log);
    ErrorFinder.Found found = found(info);
    return found == null
        ? null
        : new FailureExcerpt(found.line(), found.score(), around(info, found));
  }

  private ErrorFinder.@Nullable Found found(LogInfo info) {
    lock.lock();
    try {
      if (info.dropped() && rest != null) {
        begin();
      }
      while (step(info.bytes())) {
        // Until nothing is left.
      }
      part().finish();
      return finder().best() == null ? inHead.best() : finder().best();
    } finally {
      lock.unlock();
    }
  }

  private List<FailureExcerpt.Line> around(LogInfo info, ErrorFinder.Found found) {
    long from = Math.max(1, found.line() - BEFORE);
    int count = (int) (found.line() - from) + 1 + AFTER;
    List<FailureExcerpt.Line> lines = new ArrayList<>();
    for (LogLine line : logs.lines(info, from, count, MOST_BYTES).lines()) {
      if (line instanceof LogLine.Kept kept && kept.number() != found.line()) {
        lines.add(new FailureExcerpt.Line(kept.number(), text(kept)));
      } else if (line instanceof LogLine.Kept kept && !has(lines, kept.number())) {
        lines.add(new FailureExcerpt.Line(kept.number(), found.text()));
      }
    }
    while (lines.size() > 1 && lines.getLast().text().isBlank()) {
      lines.removeLast();
    }
    return lines;
  }

  private static boolean has(List<FailureExcerpt.Line> lines, long number) {
    return !lines.isEmpty() && lines.getLast().number() == number;
  }

  private static String text(LogLine.Kept line) {
    String text = new String(line.bytes(), UTF_8);
    return ErrorLine.drawn(ErrorLine.plain(text));
  }
}
