package dev.buildonce.chaos;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What services were asked, what they answered, and what the builds did meanwhile. Times are of one
 * clock, in any unit.
 *
 * @param shown attempts as answers showed them
 * @param rebuilds calls of {@code POST /rebuild} that were answered
 * @param deeds what builds wrote into their journals
 * @param reads what readers got of logs
 * @param asks calls that wanted an outcome
 * @param told what those got who asked for text
 * @param heard what listeners got of published changes
 * @param lows when disks were seen to be below their floors
 * @param ends how the attempts stand when all is over, with what was written and what was stored
 * @param revisions of all changes, in order
 * @param head the revision that the counter stands at
 * @param odd answers that no call should get
 * @param left processes that are there after all services were stopped
 */
record History(
    List<Shown> shown,
    List<Rebuild> rebuilds,
    List<Deed> deeds,
    List<Read> reads,
    List<Ask> asks,
    List<Told> told,
    List<Heard> heard,
    List<Low> lows,
    List<End> ends,
    List<Long> revisions,
    long head,
    List<String> odd,
    List<String> left) {

  static final Set<String> OUTCOMES = Set.of("succeeded", "failed");
  static final Set<String> ACTIVE = Set.of("queued", "running");

  /** How an answer used an attempt. */
  enum Use {
    /** As the outcome that answers. */
    ANSWER,
    /** As the outcome that stands. */
    OUTCOME,
    /** As the active attempt, or the latest. */
    LATEST
  }

  /** An attempt in an answer to a call that began and ended then. */
  record Shown(long begin, long end, String key, int attempt, String status, Use use) {
    boolean isOutcome() {
      return OUTCOMES.contains(status);
    }

    @Override
    public String toString() {
      return "%s/%d %s as %s, called at %d, answered at %d"
          .formatted(key, attempt, status, use, begin, end);
    }
  }

  /** A call that flagged what stood of a key. */
  record Rebuild(long begin, long end, String key, String result) {}

  /**
   * An ask, as what is not its outcome.
   *
   * @param replica the home of the service that was asked
   * @param problem the type of a refusal, else empty
   * @param cache how the answer was come by, as its {@code Cache-Status} says
   */
  record Ask(
      long begin, long end, String replica, String key, int status, String problem, String cache) {
    boolean started() {
      return cache.contains("fwd=") && !cache.contains("collapsed");
    }

    boolean refusedForTheDisk() {
      return problem.equals("disk-full");
    }
  }

  /**
   * An answer in text.
   *
   * @param attempt whose log is the answer, or where it begins
   * @param success whether the caller expected success
   * @param complete whether the answer came to its end
   */
  record Told(
      String key, int attempt, int status, boolean success, String text, boolean complete) {}

  /** All that a listener got; {@code whole}: until the last revision. */
  record Heard(String by, List<Event> events, boolean whole) {}

  /** An event with an id. */
  record Event(
      String id, String kind, long revision, long after, String key, int attempt, String status) {}

  /** A time in which the disk of a replica was below its floor, as that said itself. */
  record Low(String replica, long begin, long end) {}

  /**
   * A line of a build's journal.
   *
   * @param at when it was written
   * @param place the directory that the build ran in
   */
  record Deed(String key, int attempt, What what, int exitCode, long at, String place) {
    enum What {
      /** It began. */
      BEGIN,
      /** It began while processes of another attempt of its key were there. */
      BESIDE,
      /** It is about to exit. */
      EXIT
    }
  }

  /** What a reader got of an attempt's log. */
  record Read(String key, int attempt, String by, String text, boolean whole) {}

  /**
   * An attempt when all is over.
   *
   * @param exitCode if it ended by itself, else null
   * @param value what it says in JSON, or null
   * @param log as it is stored
   * @param written what the build wrote into a file of its own, before it wrote it to its log
   */
  record End(
      String key,
      int attempt,
      String status,
      @Nullable Integer exitCode,
      @Nullable String value,
      String log,
      String written) {}
}
