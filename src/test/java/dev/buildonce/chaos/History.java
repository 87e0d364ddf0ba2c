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

  /** A line of a build's journal. */
  record Deed(String key, int attempt, What what, int exitCode) {
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
