package dev.buildonce.views;

import dev.buildonce.builds.StandingOutcomes;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Revisions.Published;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What stands, exactly as of one revision, however long it takes to tell and whatever changes. */
final class InitialState {
  /*
   * No transaction stays open for it: that would hold up vacuum for as long as the slowest reader
   * takes. It is read in pages of builds by id, each exactly as of a revision of its own. Behind the
   * last page, what was published since the first is told as well, but for what a build's page shows
   * already. Then all is as of the revision where that ended. What is kept meanwhile is a revision
   * for each page, not for each build.
   */
  private static final int PAGE = 1000;

  private final StandingOutcomes outcomes;
  private final Revisions revisions;

  /** The revision that each page shows, by the id of the last build it covers. */
  private final NavigableMap<Long, Long> shown = new TreeMap<>();

  InitialState(StandingOutcomes outcomes, Revisions revisions) {
    this.outcomes = outcomes;
    this.revisions = revisions;
  }

  /** Takes what is told. */
  interface Teller {
    /** One more; false if the rest is not wanted. */
    boolean tell(long revision, Change change) throws IOException;
  }

  /**
   * Tells it.
   *
   * @param from a revision that was the latest before
   * @return the revision that it is of
   * @throws RevisionGone if changes were swept away while it was told
   */
  long tell(long from, Teller teller) throws IOException {
    for (long last = 0; last < Long.MAX_VALUE; ) {
      StandingOutcomes.Page page = outcomes.page(last, PAGE);
      for (StandingOutcomes.Outcome outcome : page.outcomes()) {
        if (!tell(outcome, teller)) {
          return from;
        }
      }
      last = page.last();
      shown.put(last, page.revision());
    }
    long end = shown.lastEntry().getValue();
    long at = from;
    while (at < end) {
      List<Published> changes = revisions.after(at, PAGE);
      if (changes.isEmpty()) {
        throw new RevisionGone("The changes after revision " + at + " are no longer kept.");
      }
      for (Published each : changes) {
        if (each.revision() > end) {
          break;
        }
        at = each.revision();
        if (!isShown(each) && !teller.tell(at, each.change())) {
          return from;
        }
      }
    }
    return end;
  }

  private static boolean tell(StandingOutcomes.Outcome outcome, Teller teller) throws IOException {
    var stands =
        new Change(
            outcome.buildId(),
            outcome.key(),
            Change.Kind.OUTCOME,
            outcome.attempt(),
            outcome.status().word());
    var flag =
        new Change(outcome.buildId(), outcome.key(), Change.Kind.REBUILD_REQUESTED, null, null);
    return teller.tell(outcome.revision(), stands)
        && (!outcome.flagged() || teller.tell(outcome.revision(), flag));
  }

  private boolean isShown(Published each) {
    Map.Entry<Long, Long> page = shown.ceilingEntry(each.change().buildId());
    return page != null && each.revision() <= page.getValue();
  }
}
