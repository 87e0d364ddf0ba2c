package dev.buildonce.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.chaos.History.Ask;
import dev.buildonce.chaos.History.Deed;
import dev.buildonce.chaos.History.End;
import dev.buildonce.chaos.History.Event;
import dev.buildonce.chaos.History.Heard;
import dev.buildonce.chaos.History.Low;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Told;
import dev.buildonce.chaos.History.Use;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is wrong with texts, with events, and on a full disk shows in what it leaves. */
class RulesTests {
  private static final String KEY = "key0";
  private static final String LOG = "one\ntwo\nthree\n";
  private static final String STARTED = "buildonce: started attempt 1: http://h/builds/key0\n";
  private static final String ON = "buildonce: attempt 1 lost: gone; on to attempt 2\n";
  private static final String FAILED = "buildonce: failed: exit 1\n";
  private static final String WHOLE = STARTED + "one\n" + ON + LOG + FAILED;

  private final List<Told> told = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Ask> asks = new ArrayList<>();
  private final List<Shown> shown = new ArrayList<>();
  private final List<Deed> deeds = new ArrayList<>();

  /** Attempt 1 is lost, 2 retries it and fails. */
  private History history() {
    return new History(
        shown,
        List.of(),
        deeds,
        List.of(),
        asks,
        told,
        List.of(new Heard("a listener", events, true)),
        List.of(new Low("/a", 100, 200)),
        List.of(
            new End(KEY, 1, "lost", null, null, "one\n", LOG),
            new End(KEY, 2, "failed", 1, "2", LOG, LOG)),
        List.of(1L, 2L),
        2,
        List.of(),
        List.of());
  }

  @Test
  void textsThatTellWhatHappenedAreFine() {
    told(202, false, WHOLE, true);
    told(202, true, WHOLE, false);
    told(202, true, STARTED + "one\n" + ON + "one\ntw", false);
    told(202, true, STARTED + "one\nbuildonce: attempt 1 succeeded", false);
    told(202, false, STARTED + "on\nbuildonce: still running after 30 s\ne\n" + ON, false);
    told(202, false, "", false);
    told.add(new Told(KEY, 2, 424, true, "buildonce: hit, 1 s old: u\n" + LOG + FAILED, true));

    assertThat(TextRules.check(history())).isEmpty();
  }

  @Test
  void textThatTellsAnotherEndIsFound() {
    told(202, false, WHOLE.replace("failed: exit 1", "succeeded in 5.0 s"), true);
    told(202, false, WHOLE.replace("1 lost", "1 errored"), true);

    assertThat(TextRules.check(history()))
        .containsExactly(
            "text tells an end that is none: key0/1 answered with 202, complete: 2 succeeded is failed",
            "text tells an end that is none: key0/1 answered with 202, complete: 1 errored is lost");
  }

  @Test
  void textThatEndsAsIfAllWereWellIsFound() {
    told(202, true, WHOLE, true);
    told(202, false, WHOLE.replace(FAILED, ""), true);

    assertThat(TextRules.check(history()))
        .containsExactly(
            "text has the exit of another end: key0/1 answered with 202 expecting success, complete: failed",
            "text is whole without an end: key0/1 answered with 202, complete: ");
  }

  @Test
  void textWithOtherBytesThanTheLogIsFound() {
    told(202, false, WHOLE.replace("two\n", ""), true);
    told(202, false, STARTED + "one\none\n", false);
    told(202, false, STARTED + ON + LOG + FAILED, true);

    assertThat(TextRules.check(history()))
        .containsExactly(
            "text is not the log: key0/1 answered with 202, complete: of attempt 2, which should be all of it",
            "text is not the log: key0/1 answered with 202, cut: of attempt 1",
            "text is not the log: key0/1 answered with 202, complete: of attempt 1, which should be all of it");
  }

  @Test
  void eventsOfAllChangesAreFine() {
    hear("ended", 1, 0, 1, "lost");
    hear("progress", 1, 1, 0, "");
    hear("outcome", 2, 1, 2, "failed");

    assertThat(EventRules.check(history())).isEmpty();
  }

  @Test
  void eventThatComesTwiceOrNeverIsFound() {
    hear("ended", 1, 0, 1, "lost");
    hear("ended", 1, 0, 1, "lost");

    assertThat(EventRules.check(history()))
        .anyMatch(
            each -> each.startsWith("no such event: what a listener heard came after revision 1"))
        .anyMatch(each -> each.startsWith("no such event: what a listener heard is a second end"))
        .contains("events end too soon: a listener heard 1 of 2");
  }

  @Test
  void eventThatIsNotWhatStandsIsFound() {
    hear("ended", 1, 0, 1, "lost");
    hear("outcome", 2, 1, 2, "succeeded");

    assertThat(EventRules.check(history()))
        .singleElement()
        .asString()
        .startsWith("no such event: what a listener heard is not what stands: failed");
  }

  @Test
  void endThatIsNotToldIsFound() {
    hear("ended", 1, 0, 1, "lost");
    hear("rebuild-requested", 2, 1, 0, "");

    assertThat(EventRules.check(history()))
        .containsExactly("never heard: a listener of the end of key0/2");
  }

  @Test
  void fullDiskThatOnlyKeepsFromStartingIsFine() {
    ask(110, 120, 503, "disk-full", "");
    ask(110, 120, 202, "", "buildonce; fwd=miss; collapsed");
    ask(110, 120, 200, "", "buildonce; hit");
    ask(90, 120, 202, "", "buildonce; fwd=miss"); // may have been answered before
    exits(2, 99);

    assertThat(DiskRules.check(history())).isEmpty();
  }

  @Test
  void whatStartsOrFailsOnAFullDiskIsFound() {
    ask(110, 120, 202, "", "buildonce; fwd=stale; detail=rebuild");
    exits(2, 150);

    assertThat(DiskRules.check(history()))
        .hasSize(2)
        .anyMatch(each -> each.startsWith("started on a full disk: "))
        .contains("failed for a full disk: key0/2");
  }

  @Test
  void hitsAndJoinsThatAFullDiskRefusesAreFound() {
    shown.add(new Shown(90, 95, KEY, 2, "running", Use.LATEST));
    ask(110, 120, 503, "disk-full", "");
    shown.add(new Shown(125, 126, KEY, 2, "running", Use.LATEST));
    shown.add(new Shown(127, 130, KEY, 2, "failed", Use.ANSWER));
    ask(140, 150, 503, "disk-full", "");
    shown.add(new Shown(160, 170, KEY, 2, "failed", Use.ANSWER));

    assertThat(DiskRules.check(history()))
        .hasSize(2)
        .anyMatch(each -> each.startsWith("join refused for a full disk: 2"))
        .anyMatch(each -> each.startsWith("hit refused for a full disk: 2"));
  }

  private void told(int status, boolean success, String text, boolean complete) {
    told.add(new Told(KEY, 1, status, success, text, complete));
  }

  private void hear(String kind, long revision, long after, int attempt, String status) {
    events.add(new Event("e." + revision, kind, revision, after, KEY, attempt, status));
  }

  private void ask(long begin, long end, int status, String problem, String cache) {
    asks.add(new Ask(begin, end, "/a", KEY, status, problem, cache));
  }

  private void exits(int attempt, long at) {
    deeds.add(new Deed(KEY, attempt, Deed.What.EXIT, 1, at, "/a/work/1"));
  }
}
