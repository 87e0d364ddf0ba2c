package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class LogBatchesTests {

  private static final LogLimit LIMIT = new LogLimit(1_000_000_000);

  private final UnsureDataSource database = new UnsureDataSource(LogsDatabase.dataSource());
  private final Logs logs = LogsDatabase.replica(database, DataSize.ofMegabytes(1));
  private LogId id;
  private LogWriter writer;

  @BeforeEach
  void create() {
    id = logs.create();
    logs.fence(id, 1);
    writer = logs.writer(id, 1, LIMIT, Mask.of(List.of("secret")));
  }

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void writeStoresTheFirstByteAtOnceAndTheRestInBatches() throws Exception {
    var stored = new AtomicInteger();
    try (var batches = new LogBatches(writer, _ -> {}, stored::incrementAndGet)) {
      long start = System.nanoTime();
      long end = start + Duration.ofMillis(1000).toNanos();
      batches.write(new byte[] {'x'}, 0, 1);
      await().until(() -> stored.get() == 1);
      int written = 1;
      do {
        batches.write(new byte[] {'x'}, 0, 1);
        written++;
        LockSupport.parkNanos(100_000);
      } while (System.nanoTime() < end);
      assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();

      assertThat(logs.info(id).bytes()).isEqualTo(written);
      long tenths = Duration.ofNanos(System.nanoTime() - start).toMillis() / 100;
      assertThat((long) stored.get()).isBetween(2L, tenths + 3);
    }
  }

  @Test
  void finishStoresWhatTheMaskHeldBack() throws Exception {
    try (var batches = new LogBatches(writer, _ -> {}, () -> {})) {
      batches.write("a secret in sec".getBytes(), 0, 15);

      assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();
    }

    assertThat(LogsTests.read(logs, id, 0)).asString().isEqualTo("a *** in sec");
    assertThat(writer.sourceOffset()).isEqualTo(15);
  }

  @Test
  void writeWhenDatabaseIsAwayHoldsBoundedMemoryAndGoesOn() throws Exception {
    byte[] block = new byte[300_000];
    var written = new AtomicInteger();
    try (var batches = new LogBatches(writer, _ -> {}, () -> {})) {
      database.away(true);
      Thread build =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 40; i++) {
                        batches.write(block, 0, block.length);
                        written.incrementAndGet();
                      }
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      await().during(Duration.ofMillis(300)).until(() -> written.get() <= 22);
      database.away(false);

      assertThat(build.join(Duration.ofSeconds(30))).isTrue();
      assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(logs.info(id).bytes()).isEqualTo(12_000_000);
  }

  @Test
  void whatComesWhileALittleIsStoredGoesTogether() throws Exception {
    var stored = new AtomicInteger();
    try (var batches = new LogBatches(writer, _ -> {}, stored::incrementAndGet)) {
      database.away(true);
      batches.write("a".getBytes(), 0, 1);
      await().until(() -> database.refusals() > 0);
      batches.write("b".getBytes(), 0, 1);
      int before = database.refusals();
      await().until(() -> database.refusals() > before);
      batches.write("c".getBytes(), 0, 1);
      database.away(false);

      assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(stored).hasValue(2);
    assertThat(LogsTests.read(logs, id, 0)).asString().isEqualTo("abc");
  }

  @Test
  void whoWritesFlatOutGetsWhatWasWritten() throws Exception {
    byte[] source = new byte[7_000_000];
    new Random(7).nextBytes(source);
    try (var batches = new LogBatches(writer, _ -> {}, () -> {})) {
      int piece = 1;
      for (int from = 0; from < source.length; from += piece) {
        piece = Math.min(1 + piece * 3 % 1_700_000, source.length - from);
        batches.write(source, from, from + piece);
      }

      assertThat(batches.finish(Duration.ofSeconds(30))).isTrue();
    }

    assertThat(LogsTests.read(logs, id, 0)).isEqualTo(source);
    assertThat(logs.info(id).lines()).isEqualTo(1 + newlines(source));
    int longest =
        LogsDatabase.jdbc()
            .sql("SELECT max(bytes) FROM log_chunks WHERE log_id = ?")
            .param(id.value())
            .query(Integer.class)
            .single();
    assertThat(longest).isLessThanOrEqualTo(LogWriter.MAX_CHUNK);
  }

  private static long newlines(byte[] bytes) {
    long count = 0;
    for (byte each : bytes) {
      count += each == '\n' ? 1 : 0;
    }
    return count;
  }

  @Test
  void writeWhenFenceIsLostFails() throws Exception {
    try (var batches = new LogBatches(writer, _ -> {}, () -> {})) {
      logs.fence(id, 2);
      batches.write(new byte[] {'x'}, 0, 1);

      assertThatThrownBy(() -> batches.finish(Duration.ofSeconds(30)))
          .isInstanceOf(FenceLost.class);
      assertThatThrownBy(() -> batches.write(new byte[] {'x'}, 0, 1)).isInstanceOf(FenceLost.class);
    }
  }

  @Test
  void finishWhenDatabaseStaysAwayGivesUp() throws Exception {
    try (var batches = new LogBatches(writer, _ -> {}, () -> {})) {
      database.away(true);
      batches.write(new byte[] {'x'}, 0, 1);

      assertThat(batches.finish(Duration.ofMillis(200))).isFalse();
    }
  }
}
