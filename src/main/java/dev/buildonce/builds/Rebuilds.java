package dev.buildonce.builds;

import dev.buildonce.database.Pace;
import dev.buildonce.database.Transactions;
import dev.buildonce.problems.DiskFull;
import dev.buildonce.revisions.Wakeups;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Says that outcomes no longer answer. Bulk work commits in pieces of at most {@value #PIECE}
 * builds, each with its own revisions, so that it holds up nobody.
 */
@Component
public final class Rebuilds {
  /** How many builds one transaction flags. */
  static final int PIECE = 500;

  /** How many builds one call looks at. */
  static final int MOST = 100_000;

  /** How many results one call names. */
  static final int SHOWN = 1000;

  private final RebuildTable table;
  private final Builds builds;
  private final Transactions transactions;
  private final Wakeups wakeups;
  private final BuildMetrics metrics;

  Rebuilds(
      RebuildTable table,
      Builds builds,
      Transactions transactions,
      Wakeups wakeups,
      BuildMetrics metrics) {
    this.table = table;
    this.builds = builds;
    this.transactions = transactions;
    this.wakeups = wakeups;
    this.metrics = metrics;
  }

  /** What a rebuild request did to a build. */
  public enum Result {
    /** Its outcome no longer answers. */
    FLAGGED,
    /** It did not answer before. */
    ALREADY_FLAGGED,
    /** An attempt is active and there is nothing to flag; nothing changed. */
    BUILDING,
    /** One more attempt follows the active one. */
    QUEUED_AFTER,
    /** There is no outcome. */
    UNBUILT,
    /** Nobody asked for the key. */
    UNKNOWN;

    /** The word of the HTTP contract. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Which builds are meant: all that is not null must hold.
   *
   * @param keys by name
   * @param prefix of the key, literally
   * @param builder its name
   * @param builderVersion of the outcome that stands
   * @param status of the outcome that stands
   * @param tag one of its tags
   * @param finishedAfter when the outcome that stands ended
   * @param finishedBefore when the outcome that stands ended
   */
  public record Selection(
      @Nullable Set<String> keys,
      @Nullable String prefix,
      @Nullable String builder,
      @Nullable String builderVersion,
      @Nullable AttemptStatus status,
      @Nullable String tag,
      @Nullable Instant finishedAfter,
      @Nullable Instant finishedBefore) {

    /** Whether it names nothing at all. */
    public boolean isEmpty() {
      return keys == null
          && prefix == null
          && builder == null
          && builderVersion == null
          && status == null
          && tag == null
          && finishedAfter == null
          && finishedBefore == null;
    }
  }

  /**
   * What is wanted of the selected builds.
   *
   * @param by who wants it, or null
   * @param why the reason, or null
   * @param dryRun only tell
   * @param build queue an attempt at once for each
   * @param again let one more attempt follow an active one
   * @param requester of the attempts that are queued at once
   */
  public record Wish(
      @Nullable String by,
      @Nullable String why,
      boolean dryRun,
      boolean build,
      boolean again,
      String requester) {}

  /**
   * What was done.
   *
   * @param results by key, the first of them
   * @param counts of all results
   * @param queued how many of the builds have an attempt queued or running, if that was wanted
   * @param notQueued how many have none although it was wanted, because the queue is full or they
   *     cannot be built any more: their next ask sees to it, or is told why
   * @param next the cursor to go on with, or null if that was all
   */
  public record Report(
      Map<String, Result> results,
      Map<Result, Long> counts,
      long queued,
      long notQueued,
      @Nullable String next) {}

  /**
   * Flags what is selected, in the order of the keys.
   *
   * @param after the cursor of the call before, or null
   */
  public Report request(Selection selection, Wish wish, @Nullable String after) {
    Tally tally = new Tally();
    Followups followups = new Followups(builds, wish.requester());
    TreeSet<String> unknown =
        selection.keys() == null ? new TreeSet<>() : new TreeSet<>(selection.keys());
    RebuildTable.Stretch stretch = table.stretch(selection, after == null ? "" : after);
    Pace pace = new Pace(1);
    while (stretch != null && tally.seen < MOST) {
      RebuildTable.Stretch here = stretch;
      int most = Math.min(PIECE, MOST - tally.seen);
      RebuildTable.Piece piece =
          wish.dryRun()
              ? table.look(selection, wish.again(), here, most)
              : transactions.call(() -> table.flag(selection, wish, here, most));
      for (RebuildTable.Flagged build : piece.builds()) {
        tally.note(build.key(), build.result());
        unknown.remove(build.key());
        if (!wish.dryRun()) {
          metrics.rebuildRequested(build.result());
          wakeups.wake(build.buildId());
          if (wish.build()) {
            followups.queue(build);
          }
        }
      }
      stretch = table.rest(selection, piece);
      if (stretch != null) {
        pace.rest();
      }
    }
    if (after == null) {
      for (String key : table.unknown(unknown)) {
        tally.note(key, Result.UNKNOWN);
        if (!wish.dryRun()) {
          metrics.rebuildRequested(Result.UNKNOWN);
        }
      }
    }
    return new Report(
        tally.results,
        tally.counts,
        followups.queued,
        followups.notQueued,
        stretch == null ? null : stretch.after());
  }

  /** What was done so far. */
  private static final class Tally {
    private final Map<String, Result> results = new LinkedHashMap<>();
    private final Map<Result, Long> counts = new EnumMap<>(Result.class);
    private int seen;

    void note(String key, Result result) {
      seen++;
      counts.merge(result, 1L, Long::sum);
      if (results.size() < SHOWN) {
        results.put(key, result);
      }
    }
  }

  /** Attempts that are queued at once. */
  private static final class Followups {
    private final Builds builds;
    private final Ask ask;
    private final Set<String> full = new HashSet<>();
    private long queued;
    private long notQueued;

    Followups(Builds builds, String requester) {
      this.builds = builds;
      this.ask = new Ask(null, null, null, null, null, null, requester, null, null, false);
    }

    /** What cannot be queued is flagged all the same, and does not keep the others from it. */
    void queue(RebuildTable.Flagged build) {
      boolean has = build.active();
      if (!has && !full.contains(build.builder())) {
        try {
          builds.ask(new BuildKey(build.key()), ask);
          has = true;
        } catch (QueueFull e) {
          full.add(build.builder());
        } catch (InvalidBuild | UnknownBuild | DiskFull e) {
          has = false;
        }
      }
      queued += has ? 1 : 0;
      notQueued += has ? 0 : 1;
    }
  }

  /** Keys that are well formed, or a refusal of the first that is not. */
  public static Set<String> keys(List<String> keys) {
    List<String> checked = new ArrayList<>();
    keys.forEach(key -> checked.add(new BuildKey(key).value()));
    return new TreeSet<>(checked);
  }
}
