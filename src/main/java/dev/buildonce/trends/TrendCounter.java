package dev.buildonce.trends;

import dev.buildonce.database.Transactions;
import dev.buildonce.trends.Tally.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Counts what was committed, in memory, until it is stored together. */
@Component
public final class TrendCounter {
  /*
   * An ask costs a look into a map and an addition; the database sees one statement for all asks of
   * some seconds. A kill loses what was counted since the last store. Nothing is counted twice but when
   * the connection is lost in a commit that did happen: to know, each replica would have to keep a row
   * of its own for what it stored last, and the few counts of some seconds are not worth that.
   */

  /** A bound: a builder beyond it is not counted. */
  private static final int MOST = 10_000;

  private static final int PIECE = 500;

  private final TrendTable table;
  private final Transactions transactions;
  private final ConcurrentHashMap<String, Tally> tallies = new ConcurrentHashMap<>();

  TrendCounter(TrendTable table, Transactions transactions) {
    this.table = table;
    this.transactions = transactions;
  }

  /** How an attempt can end, as far as trends tell. */
  public enum End {
    SUCCEEDED,
    FAILED,
    OTHERWISE
  }

  /** Counts an ask that an outcome answered, and the run time that it did not cost again. */
  public void hit(String builder, @Nullable Duration saved) {
    add(builder, Count.HITS, 1);
    saved(builder, saved);
  }

  /** Counts an ask that followed an attempt under way, and what that did not cost again. */
  public void join(String builder, @Nullable Duration saved) {
    add(builder, Count.JOINS, 1);
    saved(builder, saved);
  }

  /** Counts an ask that started an attempt. */
  public void start(String builder) {
    add(builder, Count.STARTS, 1);
  }

  /** Counts an attempt that got its runner, after this time. */
  public void waited(String builder, Duration queue) {
    Tally tally = tally(builder);
    if (tally != null) {
      tally.waited(queue);
    }
  }

  /** Counts an attempt that ended, and how long it ran if it left an outcome. */
  public void ended(String builder, End end, @Nullable Duration run) {
    Tally tally = tally(builder);
    if (tally == null) {
      return;
    }
    tally.add(
        switch (end) {
          case SUCCEEDED -> Count.SUCCEEDED;
          case FAILED -> Count.FAILED;
          case OTHERWISE -> Count.OTHERWISE;
        },
        1);
    if (run != null && end != End.OTHERWISE) {
      tally.ran(run);
    }
  }

  private void saved(String builder, @Nullable Duration saved) {
    if (saved != null) {
      add(builder, Count.SAVED_MILLIS, saved.toMillis());
    }
  }

  private void add(String builder, Count count, long amount) {
    Tally tally = tally(builder);
    if (tally != null) {
      tally.add(count, amount);
    }
  }

  private @Nullable Tally tally(String builder) {
    Tally tally = tallies.get(builder);
    return tally != null || tallies.size() >= MOST
        ? tally
        : tallies.computeIfAbsent(builder, Tally::new);
  }

  /** Stores what was counted before this call; what fails to be is part of the next. */
  synchronized void store() {
    List<Tally.Unstored> piece = new ArrayList<>();
    for (Tally tally : tallies.values()) {
      Tally.Unstored unstored = tally.unstored();
      if (unstored.any()) {
        piece.add(unstored);
      }
      if (piece.size() == PIECE) {
        store(piece);
        piece = new ArrayList<>();
      }
    }
    if (!piece.isEmpty()) {
      store(piece);
    }
  }

  private void store(List<Tally.Unstored> piece) {
    transactions.run(() -> table.add(piece));
    piece.forEach(Tally.Unstored::stored);
  }
}
