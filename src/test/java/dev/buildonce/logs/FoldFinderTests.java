package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FoldFinderTests {

  private final Logs logs = LogsDatabase.replica();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void groupsOfGitHubAndAzure() {
    assertThat(
            folds(
                """
                before
                ::group::Install it
                ##[group]Inner
                x
                ##[endgroup]
                ::endgroup::
                ::endgroup::
                """))
        .containsExactly("2-6 Install it", "3-5 Inner");
  }

  @Test
  void sectionsOfGitLabSeveralInALine() {
    assertThat(
            folds(
                "\033[0Ksection_start:100:get[collapsed=true]\r\033[0K\033[36;1mGet sources\033[0;m\n"
                    + "x\n"
                    + "section_end:103:get\r\033[0Ksection_start:103:run\r\033[0KRun\n"
                    + "y\nsection_end:104:run\r\033[0K\n"))
        .containsExactly("1-3 Get sources 3.0", "3-5 Run 1.0 open");
  }

  @Test
  void foldsOfTravis() {
    assertThat(folds("travis_fold:start:a\rx\ny\ntravis_fold:end:a\r\n"))
        .containsExactly("1-3 x open");
  }

  @Test
  void headingsOfBuildkiteButNoDiffs() {
    assertThat(
            folds(
                """
                --- Set up
                x
                +++ :hammer: Build
                --- a/file
                +++ b/file
                --- file.orig
                +++ file
                --- FAIL: TestIt
                """))
        .containsExactly("1-2 Set up", "3-5 :hammer: Build open");
  }

  @Test
  void foldThatIsNotOverHasNoEndYet() {
    LogId id = log("::group::a\nx\n", 3);

    LogFolds found = logs.folds(logs.info(id), Duration.ofMinutes(1));

    assertThat(found.folds()).containsExactly(new LogFold(1, null, "a", false, null));
  }

  @Test
  void foldsWhereverChunksEnd() {
    String text = "x\n::group::a\n::group::b\ny\n::endgroup::\n::endgroup::\n";
    for (int size = 1; size < text.length(); size++) {
      LogId id = log(text, size);
      assertThat(logs.folds(logs.info(id), Duration.ofMinutes(1)).folds())
          .extracting(LogFold::first, LogFold::last)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(2L, 6L),
              org.assertj.core.groups.Tuple.tuple(3L, 5L));
    }
  }

  @Test
  void tooManyAreTruncated() {
    LogId id = log("::group::a\n::endgroup::\n".repeat(LogFold.MOST + 1), 100_000);

    LogFolds found = logs.folds(logs.info(id), Duration.ofMinutes(1));

    assertThat(found.folds()).hasSize(LogFold.MOST);
    assertThat(found.truncated()).isTrue();
  }

  /** First and last line, title, seconds if they come from the marks. */
  private List<String> folds(String text) {
    LogId id = log(text, 7);
    LogsDatabase.transactions().run(() -> logs.close(id, 1));
    return logs.folds(logs.info(id), Duration.ofMinutes(1)).folds().stream()
        .map(
            fold ->
                fold.first()
                    + "-"
                    + fold.last()
                    + " "
                    + fold.title()
                    + (text.contains("section_") && fold.millis() != null
                        ? " " + fold.millis() / 1000.0
                        : "")
                    + (fold.open() ? " open" : ""))
        .toList();
  }

  private LogId log(String text, int size) {
    LogId id = logs.create();
    logs.fence(id, 1);
    var writer = new TestWriter(logs.writer(id, 1, new LogLimit(100_000_000), Mask.none()));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += size) {
      writer.append(bytes, from, Math.min(bytes.length, from + size));
    }
    return id;
  }
}
