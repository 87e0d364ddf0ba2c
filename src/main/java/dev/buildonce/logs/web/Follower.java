package dev.buildonce.logs.web;

import dev.buildonce.logs.LogRemoved;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.Piece;
import dev.buildonce.problems.Problem;
import dev.buildonce.streams.Ending;
import dev.buildonce.streams.Signal;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Follows one attempt after another on the thread of one stream: what the log has, what changes,
 * signs of life, until the last one has ended.
 *
 * @param <S> what the caller's own lines or events are made of
 */
final class Follower<S> {

  /** What one read passes on at most. */
  private static final int PIECE = 64 * 1024;

  private static final int LOG = 1;
  private static final int STATUS = 2;

  private static final long LOOK_EVERY = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final Logs logs;
  private final Followed<S> followed;
  private final Format<S> format;
  private final Signal signal;
  private Standing<S> now;
  private Standing<S> told;
  private long offset;
  private boolean dirty;
  private long written = System.nanoTime();
  private long looked = written;

  Follower(
      Logs logs,
      Followed<S> followed,
      Format<S> format,
      Signal signal,
      Standing<S> start,
      long at) {
    this.logs = logs;
    this.followed = followed;
    this.format = format;
    this.signal = signal;
    this.now = start;
    this.told = start;
    this.offset = at;
  }

  Ending follow() throws IOException {
    try (var watch = followed.watch(() -> signal.raise(STATUS))) {
      signal.raise(STATUS);
      format.open(now);
      flush();
      boolean more = true;
      while (more && !signal.stopped()) {
        more = followKept();
      }
    }
    if (signal.stopped()) {
      Ending interrupted = format.interrupted();
      flush();
      return interrupted;
    }
    flush();
    return format.cut(now) ? Ending.CUT : Ending.WHOLE;
  }

  private boolean followKept() throws IOException {
    try {
      return followAttempt();
    } catch (LogRemoved e) {
      if (!now.ended() || !format.removed()) {
        throw e;
      }
      return end(offset);
    }
  }

  /** Follows one attempt to its end; true if another follows. */
  private boolean followAttempt() throws IOException {
    try (LogTail tail = logs.tail(now.log(), () -> signal.raise(LOG))) {
      markStart(tail);
      while (!signal.stopped()) {
        if (signal.take(STATUS) || System.nanoTime() - looked >= LOOK_EVERY) {
          look();
        }
        signal.take(LOG);
        if (pass(tail)) {
          continue;
        }
        if (!tail.closed() || offset < tail.length()) {
          rest(LOOK_EVERY);
        } else if (!now.ended()) {
          look();
          if (!now.ended()) {
            rest(LOOK_AGAIN);
          }
        } else {
          return end(tail.length());
        }
      }
    }
    return false;
  }

  private boolean end(long length) throws IOException {
    tell(now);
    Integer next = now.next();
    if (next == null) {
      format.end(now, length);
      dirty = true;
      return false;
    }
    now = followed.look(next);
    tell(now);
    offset = 0;
    return true;
  }

  /** Passes on one piece of the log if there is one. */
  private boolean pass(LogTail tail) throws IOException {
    switch (tail.read(offset, PIECE)) {
      case Piece.Kept kept -> {
        format.kept(now.attempt(), kept);
        offset = kept.end();
      }
      case Piece.Dropped dropped -> {
        format.dropped(now.attempt(), dropped);
        offset = dropped.end();
      }
      case Piece.Nothing _ -> {
        return false;
      }
    }
    dirty = true;
    return true;
  }

  /** Who goes on right before a dropped stretch may have got an unfinished line before. */
  private void markStart(LogTail tail) {
    if (offset > 0
        && tail.read(offset, 1) instanceof Piece.Dropped
        && tail.read(offset - 1, 1) instanceof Piece.Kept kept) {
      format.midLine(kept.last() != '\n');
    }
  }

  private void look() throws IOException {
    looked = System.nanoTime();
    try {
      now = followed.look(now.attempt());
    } catch (Problem e) {
      if (now.ended()) {
        return; // Forgotten meanwhile, which changes nothing of what it was.
      }
      throw e;
    }
    if (!now.ended()) {
      tell(now);
    }
  }

  /** Tells of a change; that an attempt ended is told when its log has been passed on. */
  private void tell(Standing<S> standing) throws IOException {
    if (!standing.equals(told)) {
      format.changed(told, standing);
      told = standing;
      dirty = true;
    }
  }

  private void rest(long most) throws IOException {
    if (dirty) {
      flush();
    }
    long patience = format.patience().toNanos();
    long silence = written + patience;
    signal.await(Math.min(System.nanoTime() + most, silence));
    if (System.nanoTime() >= silence) {
      format.silence(now);
      flush();
    }
  }

  private void flush() throws IOException {
    format.out().flush();
    dirty = false;
    written = System.nanoTime();
  }
}
