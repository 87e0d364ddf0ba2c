package dev.buildonce.builds;

import dev.buildonce.database.Transactions;
import dev.buildonce.revisions.Wakeups;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Says that outcomes no longer answer. Bulk work commits in pieces of at most {@value #PIECE}
 * builds, each with its own revisions, so that it holds up nobody.
 */
@Component
public final class Rebuilds {
  private static final Logger LOG = LoggerFactory.getLogger(Rebuilds.class);

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
   * @param next the cursor to go on with, or null if that was all
   */
  public record Report(
      Map<String, Result> results, Map<Result, Long> counts, @Nullable String next) {}

  /**
   * Flags what is selected, in the order of the keys.
   *
   * @param after the cursor of the call before, or null
   */
  public Report request(Selection selection, Wish wish, @Nullable String after) {
    Map<String, Result> results = new LinkedHashMap<>();
    Map<Result, Long> counts = new EnumMap<>(Result.class);
    Set<String> unknown = new TreeSet<>(selection.keys() == null ? Set.of() : selection.keys());
    String cursor = after;
    int seen = 0;
    boolean more = true;
    while (more && seen < MOST) {
      String from = cursor;
      List<RebuildTable.Flagged> piece =
          wish.dryRun()
              ? table.look(selection, wish.again(), from)
              : transactions.call(() -> table.flag(selection, wish, from));
      for (RebuildTable.Flagged flagged : piece) {
        note(flagged.key(), flagged.result(), results, counts);
        unknown.remove(flagged.key());
        cursor = flagged.key();
      }
      if (!wish.dryRun()) {
        after(piece, wish);
      }
      seen += piece.size();
      more = piece.size() == PIECE;
    }
    if (after == null) {
      for (String key : table.unknown(unknown)) {
        note(key, Result.UNKNOWN, results, counts);
      }
    }
    return new Report(results, counts, more ? cursor : null);
  }

  private static void note(
      String key, Result result, Map<String, Result> results, Map<Result, Long> counts) {
    counts.merge(result, 1L, Long::sum);
    if (results.size() < SHOWN) {
      results.put(key, result);
    }
  }

  private void after(List<RebuildTable.Flagged> piece, Wish wish) {
    for (RebuildTable.Flagged flagged : piece) {
      metrics.rebuildRequested(flagged.result());
      wakeups.wake(flagged.buildId());
      boolean idle = flagged.result() != Result.BUILDING && flagged.result() != Result.QUEUED_AFTER;
      if (wish.build() && idle && !flagged.active()) {
        start(flagged.key(), wish.requester());
      }
    }
  }

  /**
   * One that only an ask of its own can start, for want of its builder or a secret, stays flagged.
   */
  private void start(String key, String requester) {
    try {
      builds.ask(new BuildKey(key), repeat(requester));
    } catch (InvalidBuild e) {
      LOG.debug("{} is not built at once: {}", key, e.getMessage());
    }
  }

  private static Ask repeat(String requester) {
    return new Ask(null, null, null, null, null, null, requester, null, null, false);
  }

  /** Keys that are well formed, or a refusal of the first that is not. */
  public static Set<String> keys(List<String> keys) {
    List<String> checked = new ArrayList<>();
    keys.forEach(key -> checked.add(new BuildKey(key).value()));
    return new TreeSet<>(checked);
  }
}
