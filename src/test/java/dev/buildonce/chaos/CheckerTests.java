package dev.buildonce.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.chaos.History.Deed;
import dev.buildonce.chaos.History.Deed.What;
import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Read;
import dev.buildonce.chaos.History.Rebuild;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Use;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each bug that was planted once shows in what it leaves. */
class CheckerTests {
  private static final String KEY = "key0";
  private static final String LOG = "one\ntwo\nthree\n";

  private final List<Shown> shown = new ArrayList<>();
  private final List<Rebuild> rebuilds = new ArrayList<>();
  private final List<Deed> deeds = new ArrayList<>();
  private final List<Read> reads = new ArrayList<>();
  private final List<End> ends = new ArrayList<>();
  private final List<Long> revisions = new ArrayList<>(List.of(1L, 2L, 3L));
  private final List<String> odd = new ArrayList<>();
  private final List<String> left = new ArrayList<>();
  private long head = 3;

  /** Attempt 1 succeeds and is flagged; 2 is lost, 3 retries it and fails. */
  private void allIsWell() {
    ran(1, 0);
    deeds.add(deed(2, What.BEGIN, 0));
    ran(3, 1);
    ends.add(end(1, "succeeded", 0, "1", LOG));
    ends.add(end(2, "lost", null, null, "one\n"));
    ends.add(end(3, "failed", 1, "3", LOG));
    show(10, 11, 1, "queued", Use.LATEST);
    show(12, 19, 1, "succeeded", Use.ANSWER);
    show(14, 15, 1, "running", Use.LATEST);
    rebuilds.add(new Rebuild(20, 21, KEY, "flagged"));
    show(20, 22, 1, "succeeded", Use.ANSWER); // begun before the rebuild was answered
    show(22, 23, 2, "queued", Use.LATEST);
    show(22, 23, 1, "succeeded", Use.OUTCOME);
    show(24, 29, 2, "lost", Use.LATEST);
    show(30, 39, 3, "failed", Use.ANSWER);
    reads.add(new Read(KEY, 1, "a reader", LOG, true));
    reads.add(new Read(KEY, 2, "a reader", "one\n", true));
    reads.add(new Read(KEY, 3, "a reader", "one\ntw", false));
  }

  @Test
  void nothingIsFoundWhereAllIsWell() {
    allIsWell();

    assertThat(check()).isEmpty();
  }

  @Test
  void withoutFenceSomebodyWhoLostTheAttemptEndsItAnew() {
    allIsWell();
    show(40, 41, 2, "succeeded", Use.ANSWER);
    ends.set(1, end(2, "succeeded", 0, "2", "one\n"));

    assertThat(check())
        .anyMatch(each -> each.startsWith("changed its end to succeeded: key0/2 lost"))
        .anyMatch(each -> each.startsWith("went back behind outcome 3: key0/2"))
        .anyMatch(each -> each.startsWith("not what it did: key0/2 succeeded, but never"));
  }

  @Test
  void withoutFenceTwoRunAtATime() {
    allIsWell();
    deeds.add(deed(4, What.BESIDE, 0));
    ends.add(end(4, "cancelled", null, null, ""));

    assertThat(check())
        .containsExactly("two at a time: key0/4 began while another attempt of its key ran");
  }

  @Test
  void withoutFenceOneIsRunTwice() {
    allIsWell();
    deeds.add(deed(3, What.BEGIN, 0));

    assertThat(check()).containsExactly("run twice: key0/3");
  }

  @Test
  void withoutOffsetOfAdoptionBytesComeTwice() {
    allIsWell();
    ends.set(0, new End(KEY, 1, "succeeded", 0, "1", "one\none\ntwo\nthree\n", LOG));
    reads.clear();

    assertThat(check())
        .containsExactly("not exact: log of key0/1 has 18 bytes of 14 and differs at 4");
  }

  @Test
  void withoutOffsetOfAdoptionBytesAreMissing() {
    allIsWell();
    ends.set(1, new End(KEY, 2, "lost", null, null, "one\nthree\n", LOG));
    reads.clear();

    assertThat(check())
        .containsExactly("not exact: log of key0/2 has 10 bytes of 14 and differs at 5");
  }

  @Test
  void readerWhoGotOtherBytesIsFound() {
    allIsWell();
    reads.add(new Read(KEY, 1, "a reader", "one\ntwo\n", true));
    reads.add(new Read(KEY, 3, "a reader", "one\none\n", false));

    assertThat(check())
        .containsExactly(
            "not exact: what a reader got of key0/1 has 8 bytes of 14 and differs at 8",
            "not exact: what a reader got of key0/3 has 8 bytes of 14 and differs at 4");
  }

  @Test
  void flagThatIsClearedAtTheStartLetsTheOldOutcomeAnswer() {
    allIsWell();
    show(24, 25, 1, "succeeded", Use.ANSWER);

    assertThat(check())
        .containsExactly(
            "answered although flagged at 21: key0/1 succeeded as ANSWER, called at 24, answered at 25");
  }

  @Test
  void outcomeThatWasToldBeforeItsCommitIsGoneAfterACrash() {
    allIsWell();
    show(50, 51, 4, "succeeded", Use.ANSWER);
    ran(4, 0);
    ends.add(end(4, "lost", null, null, "one\n"));

    assertThat(check())
        .containsExactly(
            "changed its end to lost: key0/4 succeeded as ANSWER, called at 50, answered at 51");
  }

  @Test
  void attemptThatWasToldBeforeItsCommitIsGoneAfterACrash() {
    allIsWell();
    show(50, 51, 4, "queued", Use.LATEST);

    assertThat(check())
        .containsExactly("gone: key0/4 queued as LATEST, called at 50, answered at 51");
  }

  @Test
  void laterLookThatShowsLessIsFound() {
    allIsWell();
    show(50, 51, 2, "lost", Use.LATEST);
    show(50, 51, 1, "succeeded", Use.OUTCOME);

    assertThat(check())
        .containsExactly(
            "went back behind attempt 3: key0/2 lost as LATEST, called at 50, answered at 51",
            "went back behind outcome 3: key0/1 succeeded as OUTCOME, called at 50, answered at 51");
  }

  @Test
  void endedAttemptThatIsActiveAgainIsFound() {
    allIsWell();
    show(50, 51, 3, "running", Use.LATEST);

    assertThat(check())
        .containsExactly("active again: key0/3 running as LATEST, called at 50, answered at 51");
  }

  @Test
  void outcomeThatIsNotWhatTheBuildDidIsFound() {
    allIsWell();
    ends.set(0, end(1, "failed", 1, "3", LOG));
    shown.clear();

    assertThat(check())
        .containsExactly(
            "not what it did: key0/1 failed with 1, but exited with 0",
            "value of another: key0/1 has that of 3");
  }

  @Test
  void attemptThatNeverEndedIsFound() {
    allIsWell();
    ends.add(end(4, "running", null, null, ""));
    ends.add(end(6, "cancelled", null, null, ""));

    assertThat(check())
        .containsExactly(
            "never ended: key0/4 is running", "numbers have gaps: key0 has [1, 2, 3, 4, 6]");
  }

  @Test
  void gapOfRevisionsIsFound() {
    allIsWell();
    revisions.add(5L);
    head = 6;

    assertThat(check())
        .containsExactly(
            "revisions have a gap: 5 follows 3", "revisions end at 5, the counter says 6");
  }

  @Test
  void whatIsLeftBehindAndAnswersThatShouldNotBeAreFound() {
    allIsWell();
    odd.add("key0: 500");
    left.add("17 sleep");

    assertThat(check()).containsExactly("no such answer: key0: 500", "left behind: 17 sleep");
  }

  private List<String> check() {
    return Checker.check(
        new History(
            shown, rebuilds, deeds, reads, List.of(), List.of(), List.of(), List.of(), ends,
            revisions, head, odd, left));
  }

  private void ran(int attempt, int exitCode) {
    deeds.add(deed(attempt, What.BEGIN, 0));
    deeds.add(deed(attempt, What.EXIT, exitCode));
  }

  private void show(long begin, long end, int attempt, String status, Use use) {
    shown.add(new Shown(begin, end, KEY, attempt, status, use));
  }

  private static Deed deed(int attempt, What what, int exitCode) {
    return new Deed(KEY, attempt, what, exitCode, 0, "/home");
  }

  private static End end(
      int attempt, String status, @Nullable Integer exitCode, @Nullable String value, String log) {
    return new End(KEY, attempt, status, exitCode, value, log, LOG);
  }
}
