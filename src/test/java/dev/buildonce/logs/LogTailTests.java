package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class LogTailTests {

  private static final LogLimit LIMIT = new LogLimit(1_000_000_000);

  private final Logs here = LogsDatabase.replica();
  private final Logs elsewhere = LogsDatabase.replica();
  private final LogId id = here.create();

  @AfterEach
  void stop() {
    here.stop();
    elsewhere.stop();
  }

  @Test
  void readWhenWrittenHereTakesTheBytesFromMemory() {
    TestWriter writer = writer();
    var wakes = new AtomicInteger();
    try (LogTail tail = here.tail(id, wakes::incrementAndGet)) {
      writer.append("fresh".getBytes());
      LogsDatabase.jdbc().sql("DELETE FROM log_chunks WHERE log_id = ?").param(id.value()).update();

      assertThat(text(tail.read(0, 100))).isEqualTo("fresh");
      assertThat(wakes).hasPositiveValue();
      assertThat(tail.read(5, 100)).isInstanceOf(Piece.Nothing.class);
    }
  }

  @Test
  void readWhenWrittenElsewhereSeesTheBytesSoon() {
    TestWriter writer = writer();
    var wakes = new AtomicInteger();
    try (LogTail tail = elsewhere.tail(id, wakes::incrementAndGet)) {
      writer.append("from afar".getBytes());

      await().untilAsserted(() -> assertThat(wakes).hasValue(1));
      assertThat(text(tail.read(0, 100))).isEqualTo("from afar");
      assertThat(tail.closed()).isFalse();
      LogsDatabase.transactions().run(() -> here.close(id, 1));
      await().untilAsserted(() -> assertThat(wakes).hasValue(2));
      assertThat(tail.closed()).isTrue();
    }
  }

  @Test
  void closedWhenPublishedHereIsSeen() {
    writer().append("all".getBytes());
    try (LogTail tail = here.tail(id, () -> {})) {
      LogsDatabase.transactions().run(() -> here.close(id, 1));
      here.published(id);

      await().until(tail::closed);
      assertThat(tail.length()).isEqualTo(3);
    }
  }

  @Test
  void readWhenDatabaseWasAwayGoesOn() {
    var database = new UnsureDataSource(LogsDatabase.dataSource());
    Logs unlucky = LogsDatabase.replica(database, DataSize.ofMegabytes(1));
    TestWriter writer = writer();
    try (LogTail tail = unlucky.tail(id, () -> {})) {
      database.away(true);
      // A look that had its connection before may still see what is written now.
      await().until(() -> database.refusals() > 0);
      writer.append("meanwhile".getBytes());
      int before = database.refusals();
      await().until(() -> database.refusals() > before);
      assertThat(tail.length()).isZero();
      database.away(false);

      await().atMost(Duration.ofSeconds(30)).until(() -> tail.length() == 9);
      assertThat(text(tail.read(0, 100))).isEqualTo("meanwhile");
    } finally {
      unlucky.stop();
    }
  }

  @Test
  void readWhenFarBehindHoldsBoundedMemory() {
    Logs small = LogsDatabase.replica(LogsDatabase.dataSource(), DataSize.ofMegabytes(2));
    TestWriter writer = writer(small, 3);
    byte[] block = new byte[400_000];
    var random = new Random(8);
    var expected = new ByteArrayOutputStream();
    try (LogTail slow = small.tail(id, () -> {});
        LogTail fast = small.tail(id, () -> {})) {
      long at = 0;
      for (int i = 0; i < 50; i++) {
        random.nextBytes(block);
        expected.writeBytes(block);
        writer.append(block);
        at = drain(fast, at, new ByteArrayOutputStream());
        assertThat(small.recentBytes()).isLessThanOrEqualTo(2L * 1024 * 1024);
      }
      var all = new ByteArrayOutputStream();
      drain(slow, 0, all);

      assertThat(at).isEqualTo(50 * 400_000);
      assertThat(all.toByteArray()).isEqualTo(expected.toByteArray());
      assertThat(small.recentBytes()).isLessThanOrEqualTo(2L * 1024 * 1024);
    } finally {
      small.stop();
    }
  }

  @Test
  void readWhenOvertakenByDroppingTellsOfTheRest() {
    here.fence(id, 1);
    var writer = new TestWriter(here.writer(id, 1, new LogLimit(4000), Mask.none()));
    Logs late = LogsDatabase.replica(LogsDatabase.dataSource(), DataSize.ofBytes(0));
    try (LogTail tail = late.tail(id, () -> {})) {
      writer.append("123456789\n".repeat(300).getBytes());
      await().until(() -> tail.length() == 3000);
      long offset = 0;
      while (offset < 2505) {
        offset = ((Piece.Kept) tail.read(offset, (int) Math.min(100, 2505 - offset))).end();
      }
      for (int i = 0; i < 100; i++) {
        writer.append("123456789\n".repeat(10).getBytes());
      }

      var dropped = (Piece.Dropped) tail.read(offset, 100);

      assertThat(dropped.offset()).isEqualTo(2505);
      assertThat(dropped.line()).isEqualTo(251);
      assertThat(dropped.newlines()).isEqualTo(dropped.end() / 10 - 250);
      await().until(() -> tail.length() == 13_000);
      assertThat(((Piece.Kept) tail.read(dropped.end(), 100)).line())
          .isEqualTo(1 + dropped.end() / 10);
    } finally {
      late.stop();
    }
  }

  @Test
  void readWhenRemovedSaysSo() {
    writer().append("leaked".getBytes());
    LogsDatabase.transactions().run(() -> here.close(id, 1));
    try (LogTail tail = elsewhere.tail(id, () -> {})) {
      LogsDatabase.jdbc().sql("DELETE FROM log_chunks WHERE log_id = ?").param(id.value()).update();

      assertThatThrownBy(() -> tail.read(0, 10)).isInstanceOf(LogRemoved.class);
    }
  }

  @Test
  void closeForgetsTheLog() {
    var tails = new ArrayList<LogTail>();
    for (int i = 0; i < 10; i++) {
      tails.add(here.tail(id, () -> {}));
    }

    tails.forEach(LogTail::close);
    tails.forEach(LogTail::close);

    assertThat(here.watched()).isZero();
  }

  private static long drain(LogTail tail, long from, ByteArrayOutputStream out) {
    long offset = from;
    while (tail.read(offset, 64 * 1024) instanceof Piece.Kept kept) {
      out.write(kept.array(), kept.from(), kept.length());
      offset = kept.end();
    }
    return offset;
  }

  private TestWriter writer() {
    return writer(here, 1);
  }

  private TestWriter writer(Logs logs, long fence) {
    logs.fence(id, fence);
    return new TestWriter(logs.writer(id, fence, LIMIT, Mask.none()));
  }

  private static String text(Piece piece) {
    var kept = (Piece.Kept) piece;
    return new String(kept.array(), kept.from(), kept.length());
  }
}
