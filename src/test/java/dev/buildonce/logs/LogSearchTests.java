package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogSearchTests {

  private static final LogLimit LIMIT = new LogLimit(100_000_000);
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Logs logs = LogsDatabase.replica();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void searchFindsWhatIsThereWhereverChunksEnd() {
    var random = new Random(31);
    List<String> queries =
        List.of("a", "ab", "aB", "a\rb", "bab", "[ab]+a", "^b", "a$", "(a|\\x00)b");
    for (int round = 0; round < 25; round++) {
      LogId id = log();
      var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
      var all = new ByteArrayOutputStream();
      for (int i = 0; i < 15; i++) {
        byte[] piece = new byte[random.nextInt(1, 40)];
        byte[] letters = {'a', 'b', 'A', 'B', '\n', '\r', 0, 'x'};
        for (int j = 0; j < piece.length; j++) {
          piece[j] = letters[random.nextInt(letters.length)];
        }
        writer.append(piece);
        all.writeBytes(piece);
      }
      String text = all.toString(StandardCharsets.US_ASCII);
      for (int q = 0; q < queries.size(); q++) {
        boolean regex = q >= 5;
        boolean matchCase = random.nextBoolean();
        int from = random.nextInt(1, 6);

        LogSearch search = search(id, LogQuery.of(queries.get(q), regex, matchCase), from, 1000);

        List<List<Integer>> expected = expected(text, queries.get(q), regex, matchCase, from);
        assertThat(search.listed().stream().map(LogSearchTests::found).toList())
            .as("%s in %s", queries.get(q), text)
            .isEqualTo(expected);
        assertThat(search.lines()).isEqualTo(expected.size());
        assertThat(search.hits())
            .isEqualTo(expected.stream().mapToInt(hit -> (hit.size() - 1) / 2).sum());
        assertThat(search.next()).isNull();
        assertThat(Arrays.stream(search.buckets()).sum()).isEqualTo(expected.size());
      }
    }
  }

  @Test
  void searchFindsWhatALongLineHasOnce() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    byte[] part = new byte[LogWriter.MAX_CHUNK];
    Arrays.fill(part, (byte) '.');
    for (int i = 0; i < 6; i++) {
      part[part.length - 2] = 'n';
      part[part.length - 1] = 'e';
      part[0] = 'e';
      part[1] = 'd';
      writer.append(part);
    }
    writer.append("\nneed\n".getBytes());

    LogSearch search = search(id, LogQuery.of("need", false, true), 1, 100);

    // The ends of all but the last part go on in the next one.
    assertThat(search.hits()).isEqualTo(5 + 1);
    assertThat(search.lines()).isEqualTo(2);
    assertThat(search.listed().getLast().line()).isEqualTo(2);
  }

  @Test
  void searchFindsWhatIsSeenOfAColouredLine() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    String coloured = "\u001b[1ma.c:3: \u001b[31merror: \u001b[m\u001b[Kno such file";
    writer.append(("plain\n" + coloured + "\nerror: nothing\n").getBytes());

    LogSearch text = search(id, LogQuery.of("3: error: no such", false, true), 1, 10);
    LogSearch regex = search(id, LogQuery.of("^a\\.c:\\d: error: \\w+", true, true), 1, 10);

    assertThat(text.lines()).isEqualTo(1);
    assertThat(found(text.listed().getFirst()))
        .isEqualTo(List.of(2, coloured.indexOf("3:"), coloured.indexOf("such") + 4));
    assertThat(found(regex.listed().getFirst()))
        .isEqualTo(List.of(2, coloured.indexOf("a.c"), coloured.indexOf("no such") + 2));
  }

  @Test
  void searchListsSoManyAndCountsAll() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    writer.append("x\n".repeat(1000).getBytes(), 0, 2000, 1_000_000);

    LogSearch search = search(id, LogQuery.of("X", false, false), 1, 10);
    LogSearch after = search(id, LogQuery.of("x", false, true), 11, 10);

    assertThat(search.listed()).hasSize(10);
    assertThat(search.listed().getFirst().millis()).isEqualTo(1_000_000);
    assertThat(search.next()).isEqualTo(11);
    assertThat(search.lines()).isEqualTo(1000);
    assertThat(search.buckets()).containsOnly(100);
    assertThat(after.listed().getFirst().line()).isEqualTo(11);
    assertThat(after.lines()).isEqualTo(990);
  }

  @Test
  void searchWhenTimeIsUpSaysHowFarItCame() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    writer.append("x\n".repeat(100_000).getBytes());

    LogSearch search =
        logs.search(logs.info(id), LogQuery.of("x", true, true), 1, 10, 0, Duration.ZERO);
    while (search.step()) {
      // on
    }

    assertThat(search.timedOut()).isTrue();
    assertThat(search.searched()).isLessThan(100_000);
  }

  @Test
  void searchOverADroppedStretchKeepsTheNumbersOfLines() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, new LogLimit(4000), Mask.none()));
    for (int i = 1; i <= 2000; i++) {
      writer.append(("line " + i + ".\n").getBytes());
    }

    LogSearch search = search(id, LogQuery.of(" 1.", false, true), 1, 10);
    LogSearch last = search(id, LogQuery.of("LINE 2000.", false, false), 1000, 10);

    assertThat(search.listed().getFirst().line()).isEqualTo(1);
    assertThat(last.listed()).singleElement().extracting(LogHit::line).isEqualTo(2000L);
  }

  @Test
  void searchIgnoresTheCaseOfOtherLettersToo() {
    LogId id = log();
    new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()))
        .append("ein ÄRGER\n".getBytes(StandardCharsets.UTF_8));

    assertThat(search(id, LogQuery.of("ärger", false, false), 1, 10).hits()).isEqualTo(1);
    assertThat(search(id, LogQuery.of("ärger", false, true), 1, 10).hits()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "a{1001}", "(a{100}){100}", "((a{9,}){9,}){99,}", "", "[z-a]"})
  void patternThatIsNoneOrTooLargeIsRefused(String regex) {
    assertThatThrownBy(() -> LogQuery.of(regex, true, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(is|has|repeats) .*");
  }

  private LogSearch search(LogId id, LogQuery query, long from, int limit) {
    LogSearch search = logs.search(logs.info(id), query, from, limit, 10, LONG);
    while (search.step()) {
      assertThat(search.timedOut()).isFalse();
    }
    assertThat(search.timedOut()).isFalse();
    return search;
  }

  /** The number of each line and where it has the query. */
  private static List<List<Integer>> expected(
      String text, String query, boolean regex, boolean matchCase, int from) {
    Pattern pattern =
        Pattern.compile(
            regex ? query : Pattern.quote(query),
            (matchCase ? 0 : Pattern.CASE_INSENSITIVE) | Pattern.UNIX_LINES);
    String[] lines = text.split("\n", -1);
    List<List<Integer>> expected = new ArrayList<>();
    for (int i = from; i <= lines.length; i++) {
      List<Integer> found = new ArrayList<>(List.of(i));
      Matcher matcher = pattern.matcher(lines[i - 1]).useAnchoringBounds(true);
      while (matcher.find()) {
        found.add(matcher.start());
        found.add(matcher.end());
      }
      if (found.size() > 1) {
        expected.add(found);
      }
    }
    return expected;
  }

  private static List<Integer> found(LogHit hit) {
    List<Integer> found = new ArrayList<>(List.of((int) hit.line()));
    Arrays.stream(hit.spans()).forEach(found::add);
    return found;
  }

  private LogId log() {
    LogId id = logs.create();
    logs.fence(id, 1);
    return id;
  }
}
