package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LineReaderTests {

  private static final LogLimit LIMIT = new LogLimit(100_000_000);
  private static final int ROOM = 1024 * 1024;

  private final Logs logs = LogsDatabase.replica();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void pageHasTheLinesWhereverChunksEnd() {
    var random = new Random(21);
    for (int round = 0; round < 20; round++) {
      LogId id = log();
      var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
      var all = new ByteArrayOutputStream();
      for (int i = 0; i < 20; i++) {
        byte[] piece = LogsTests.awkward(random, random.nextInt(1, 30));
        writer.append(piece);
        all.writeBytes(piece);
      }
      close(id);
      List<String> expected = lines(all.toByteArray());

      for (int from = 1; from <= expected.size() + 1; from++) {
        for (int count : new int[] {1, 3, 1000}) {
          LogPage page = logs.lines(logs.info(id), from, count, ROOM);

          int to = Math.min(expected.size(), from - 1 + count);
          assertThat(texts(page)).isEqualTo(expected.subList(from - 1, to));
          assertThat(page.next()).isEqualTo(to == expected.size() ? null : (Long) (to + 1L));
        }
      }
    }
  }

  @Test
  void pageWhenALineIsLongCutsItAndGoesOnBehindIt() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    writer.append("first\n".getBytes());
    byte[] long1 = new byte[400_000];
    Arrays.fill(long1, (byte) 'x');
    for (int i = 0; i < 8; i++) {
      writer.append(long1);
    }
    writer.append("\nlast\n".getBytes());

    LogPage page = logs.lines(logs.info(id), 1, 10, ROOM);

    assertThat(texts(page)).containsExactly("first", "x".repeat(LogLine.LONGEST), "last");
    assertThat(((LogLine.Kept) page.lines().get(1)).cut()).isTrue();
    assertThat(((LogLine.Kept) page.lines().get(2)).number()).isEqualTo(3);
    assertThat(texts(logs.lines(logs.info(id), 3, 10, ROOM))).containsExactly("last");
  }

  @Test
  void pageWhenTheLogGrowsGoesOnWithTheUnfinishedLine() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    writer.append("one\ntw".getBytes());

    LogPage before = logs.lines(logs.info(id), 1, 10, ROOM);
    writer.append("o\n".getBytes());
    LogPage after = logs.lines(logs.info(id), 2, 10, ROOM);
    LogPage beyond = logs.lines(logs.info(id), 9, 10, ROOM);

    assertThat(texts(before)).containsExactly("one", "tw");
    assertThat(before.next()).isEqualTo(2);
    assertThat(texts(after)).containsExactly("two");
    assertThat(after.next()).isEqualTo(3);
    assertThat(beyond.lines()).isEmpty();
    assertThat(beyond.next()).isEqualTo(3);
  }

  @Test
  void pageWhenAStretchWasDroppedHasOneMarker() {
    var random = new Random(22);
    for (int round = 0; round < 30; round++) {
      LogId id = log();
      var limit = new LogLimit(random.nextInt(1024, 4000));
      var writer = new TestWriter(logs.writer(id, 1, limit, Mask.none()));
      boolean fewNewlines = round % 3 == 0;
      var all = new ByteArrayOutputStream();
      while (all.size() < 5 * limit.bytes()) {
        byte[] piece =
            fewNewlines && all.size() > 100
                ? new byte[random.nextInt(1, 100)]
                : LogsTests.awkward(random, random.nextInt(1, 100));
        writer.append(piece);
        all.writeBytes(piece);
      }
      close(id);
      List<String> whole = lines(all.toByteArray());
      List<LogLine> atOnce = logs.lines(logs.info(id), 1, 100_000, ROOM).lines();

      var bytes = new ByteArrayOutputStream();
      int markers = 0;
      for (LogLine line : atOnce) {
        switch (line) {
          case LogLine.Kept kept -> {
            String text = text(kept);
            String complete = whole.get((int) kept.number() - 1);
            assertThat(complete.startsWith(text) || complete.endsWith(text)).isTrue();
            bytes.writeBytes(kept.bytes());
          }
          case LogLine.Dropped(var piece) -> {
            markers++;
            assertThat(piece.end()).isGreaterThan(piece.offset());
          }
        }
      }
      assertThat(markers).isEqualTo(1);

      List<LogLine> paged = new ArrayList<>();
      for (Long next = 1L; next != null; ) {
        LogPage page = logs.lines(logs.info(id), next, 2, ROOM);
        paged.addAll(page.lines());
        next = page.next();
      }
      assertThat(paged.stream().map(LineReaderTests::shown).toList())
          .isEqualTo(atOnce.stream().map(LineReaderTests::shown).toList());
    }
  }

  @Test
  void pageNamesWhenEachLineCame() {
    LogId id = log();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    writer.append("a\nb".getBytes(), 0, 3, 1_000_000);
    writer.append("b\nc\n".getBytes(), 0, 4, 1_000_700);

    assertThat(
            logs.lines(logs.info(id), 1, 10, ROOM).lines().stream()
                .map(line -> ((LogLine.Kept) line).millis()))
        .containsExactly(1_000_000L, 1_000_000L, 1_000_700L);
  }

  @Test
  void pageWhenRemovedSaysSo() {
    LogId id = log();
    new TestWriter(logs.writer(id, 1, LIMIT, Mask.none())).append("secret".getBytes());
    close(id);
    LogsDatabase.transactions().run(() -> logs.remove(id));

    assertThatThrownBy(() -> logs.lines(logs.info(id), 1, 1, ROOM)).isInstanceOf(LogRemoved.class);
  }

  private LogId log() {
    LogId id = logs.create();
    logs.fence(id, 1);
    return id;
  }

  private void close(LogId id) {
    LogsDatabase.transactions().run(() -> logs.close(id, 1));
  }

  private static List<String> texts(LogPage page) {
    return page.lines().stream().map(line -> text((LogLine.Kept) line)).toList();
  }

  private static String text(LogLine.Kept line) {
    return new String(line.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static String shown(LogLine line) {
    return switch (line) {
      case LogLine.Kept kept -> kept.number() + " " + kept.offset() + " " + text(kept);
      case LogLine.Dropped(var piece) -> piece.toString();
    };
  }

  private static List<String> lines(byte[] all) {
    String text = new String(all, StandardCharsets.ISO_8859_1);
    List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
    if (lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }
}
