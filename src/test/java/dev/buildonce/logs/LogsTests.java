package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class LogsTests {

  private static final LogLimit LIMIT = new LogLimit(100_000_000);

  private final Logs logs = LogsDatabase.replica();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void appendStoresBytesExactly() {
    var random = new Random(3);
    LogId id = logs.create();
    logs.fence(id, 1);
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    var expected = new ByteArrayOutputStream();

    for (int i = 0; i < 200; i++) {
      byte[] bytes = awkward(random, random.nextInt(1, 5000));
      writer.append(bytes);
      expected.writeBytes(bytes);
    }

    byte[] all = expected.toByteArray();
    assertThat(read(logs, id, 0)).isEqualTo(all);
    LogInfo info = logs.info(id);
    assertThat(info.bytes()).isEqualTo(all.length);
    assertThat(info.lines()).isEqualTo(lines(all));
    for (int i = 0; i < 50; i++) {
      int offset = random.nextInt(all.length + 1);
      assertThat(read(logs, id, offset)).isEqualTo(Arrays.copyOfRange(all, offset, all.length));
    }
  }

  @Test
  void appendWhenOneBytePerChunkReadsBack() {
    LogId id = log("");
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    for (int i = 0; i < 700; i++) {
      writer.append(new byte[] {(byte) i});
    }

    byte[] read = read(logs, id, 0);

    assertThat(read).hasSize(700);
    assertThat(read[699]).isEqualTo((byte) 699);
  }

  @Test
  void readNamesTheLineOfEveryOffset() {
    byte[] bytes = "a\nbb\n\nccc\r\nd".getBytes(StandardCharsets.UTF_8);
    LogId id = log("");
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    for (int from = 0; from < bytes.length; from += 3) {
      writer.append(bytes, from, Math.min(from + 3, bytes.length));
    }

    for (int offset = 0; offset < bytes.length; offset++) {
      try (LogTail tail = logs.tail(id, () -> {})) {
        var piece = (Piece.Kept) tail.read(offset, 100);

        assertThat(piece.line()).isEqualTo(1 + Newlines.count(bytes, 0, offset));
      }
    }
  }

  @Test
  void tailStartFindsTheLastLines() {
    var random = new Random(4);
    for (int round = 0; round < 30; round++) {
      LogId id = log("");
      var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
      var text = new ByteArrayOutputStream();
      for (int i = 0; i < 12; i++) {
        byte[] piece = "x\ny\nzz\n\nw".substring(0, random.nextInt(1, 9)).getBytes();
        writer.append(piece);
        text.writeBytes(piece);
      }
      String all = text.toString(StandardCharsets.UTF_8);
      LogInfo info = logs.info(id);
      List<String> lines = Arrays.asList(all.split("(?<=\n)"));

      for (int n = 0; n <= lines.size() + 1; n++) {
        long start = logs.tailStart(info, n);

        List<String> last = lines.subList(Math.max(0, lines.size() - n), lines.size());
        assertThat(all.substring((int) start)).isEqualTo(String.join("", last));
      }
    }
  }

  @Test
  void appendWhenFenceIsLostStoresNothing() {
    LogId id = log("before");
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));

    logs.fence(id, 2);

    assertThatThrownBy(() -> writer.append("late".getBytes())).isInstanceOf(FenceLost.class);
    assertThatThrownBy(() -> logs.writer(id, 1, LIMIT, Mask.none())).isInstanceOf(FenceLost.class);
    assertThatThrownBy(() -> logs.close(id, 1)).isInstanceOf(FenceLost.class);
    assertThat(read(logs, id, 0)).asString().isEqualTo("before");
  }

  @Test
  void appendWhenClosedStoresNothing() {
    LogId id = log("all of it");
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));

    LogTotal total = logs.close(id, 1);

    assertThat(total).isEqualTo(new LogTotal(9, 1));
    assertThatThrownBy(() -> writer.append("late".getBytes())).isInstanceOf(FenceLost.class);
    assertThatThrownBy(() -> logs.close(id, 1)).isInstanceOf(FenceLost.class);
    assertThatThrownBy(() -> logs.fence(id, 2)).isInstanceOf(FenceLost.class);
    assertThat(logs.info(id).complete()).isTrue();
  }

  @Test
  void writerWhenItGoesOnMasksAsIfItHadNeverStopped() {
    byte[] source = "token=hunter2 and hunter2".getBytes();
    var mask = Mask.of(List.of("hunter2"));
    for (int stop = 0; stop <= source.length; stop++) {
      LogId id = log("");
      new TestWriter(logs.writer(id, 1, LIMIT, mask)).append(source, 0, stop);

      var next = new TestWriter(logs.writer(id, 1, LIMIT, mask));
      next.append(source, (int) next.sourceOffset(), source.length);
      next.finish();

      assertThat(read(logs, id, 0)).asString().isEqualTo("token=*** and ***");
      assertThat(next.sourceOffset()).isEqualTo(source.length);
    }
  }

  @Test
  void storeWhenFateOfCommitIsUnknownStoresOnce() {
    for (var fate : UnsureDataSource.Fate.values()) {
      var database = new UnsureDataSource(LogsDatabase.dataSource());
      Logs unsure = LogsDatabase.replica(database, DataSize.ofMegabytes(1));
      LogId id = log("");
      var writer = new TestWriter(unsure.writer(id, 1, new LogLimit(1024), Mask.none()));
      var expected = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        String line = "line number " + i + " of them\n";
        expected.append(line);
        if (i % 3 == 0) {
          database.nextCommit(fate);
          assertThatThrownBy(() -> writer.append(line.getBytes())).isNotInstanceOf(FenceLost.class);
          writer.store();
        } else {
          writer.append(line.getBytes());
        }
      }
      unsure.stop();

      assertThat(logs.info(id).bytes()).isEqualTo(expected.length());
      assertThat(read(logs, id, 0))
          .asString()
          .startsWith(expected.substring(0, 400))
          .endsWith(expected.substring(expected.length() - 250));
    }
  }

  @Test
  void appendWhenOverTheLimitKeepsHeadAndTail() {
    var random = new Random(5);
    for (int round = 0; round < 20; round++) {
      var limit = new LogLimit(random.nextInt(1024, 20_000));
      LogId id = log("");
      var writer = new TestWriter(logs.writer(id, 1, limit, Mask.none()));
      var all = new ByteArrayOutputStream();
      while (all.size() < 5 * limit.bytes()) {
        byte[] bytes = awkward(random, random.nextInt(1, (int) limit.bytes() / 2));
        writer.append(bytes);
        all.writeBytes(bytes);
        assertThat(kept(id)).isLessThanOrEqualTo(limit.bytes());
        if (random.nextInt(10) == 0) {
          writer = new TestWriter(logs.writer(id, 1, limit, Mask.none()));
        }
      }

      check(id, limit, all.toByteArray());
    }
  }

  private void check(LogId id, LogLimit limit, byte[] all) {
    LogInfo info = logs.info(id);
    assertThat(info.dropped()).isTrue();
    assertThat(info.bytes()).isEqualTo(all.length);
    assertThat(info.lines()).isEqualTo(lines(all));
    Logs elsewhere = LogsDatabase.replica();
    try (LogTail tail = elsewhere.tail(id, () -> {})) {
      long offset = 0;
      int markers = 0;
      while (offset < all.length) {
        switch (tail.read(offset, 1000)) {
          case Piece.Kept kept -> {
            assertThat(kept.line()).isEqualTo(1 + Newlines.count(all, 0, (int) offset));
            assertThat(Arrays.copyOfRange(kept.array(), kept.from(), kept.to()))
                .isEqualTo(Arrays.copyOfRange(all, (int) offset, (int) kept.end()));
            offset = kept.end();
          }
          case Piece.Dropped dropped -> {
            markers++;
            assertThat(dropped.offset()).isEqualTo(limit.bytes() / 2).isEqualTo(offset);
            assertThat(dropped.newlines())
                .isEqualTo(Newlines.count(all, (int) offset, (int) dropped.end()));
            assertThat(all.length - dropped.end()).isBetween(limit.bytes() / 8, limit.bytes() / 2);
            offset = dropped.end();
          }
          case Piece.Nothing _ -> throw new AssertionError("nothing at " + offset);
        }
      }
      assertThat(markers).isEqualTo(1);
    }
    elsewhere.stop();
  }

  private LogId log(String text) {
    LogId id = logs.create();
    logs.fence(id, 1);
    if (!text.isEmpty()) {
      new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()))
          .append(text.getBytes(StandardCharsets.UTF_8));
    }
    return id;
  }

  private static long kept(LogId id) {
    return LogsDatabase.jdbc()
        .sql("SELECT sum(bytes) FROM log_chunks WHERE log_id = ? AND codec <> 'dropped'")
        .param(id.value())
        .query(Long.class)
        .single();
  }

  static byte[] awkward(Random random, int length) {
    byte[] bytes = new byte[length];
    byte[] letters = {0, '\n', '\r', 'a', 'b', (byte) 0xff, (byte) 0xe2, (byte) 0x82, (byte) 0xac};
    if (random.nextInt(4) == 0) {
      random.nextBytes(bytes);
    } else {
      for (int i = 0; i < length; i++) {
        bytes[i] = letters[random.nextInt(letters.length)];
      }
    }
    return bytes;
  }

  static long lines(byte[] bytes) {
    int newlines = Newlines.count(bytes, 0, bytes.length);
    return bytes.length == 0 || bytes[bytes.length - 1] == '\n' ? newlines : newlines + 1;
  }

  static byte[] read(Logs logs, LogId id, long start) {
    var out = new ByteArrayOutputStream();
    try (LogTail tail = logs.tail(id, () -> {})) {
      long offset = start;
      while (offset < tail.length()) {
        switch (tail.read(offset, 1000)) {
          case Piece.Kept kept -> {
            out.write(kept.array(), kept.from(), kept.length());
            offset = kept.end();
          }
          case Piece.Dropped dropped -> offset = dropped.end();
          case Piece.Nothing _ -> throw new AssertionError("nothing at " + offset);
        }
      }
    }
    return out.toByteArray();
  }
}
