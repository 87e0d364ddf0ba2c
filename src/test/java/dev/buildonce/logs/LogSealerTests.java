package dev.buildonce.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class LogSealerTests {

  private static final LogLimit LIMIT = new LogLimit(100_000_000);

  private final JdbcClient jdbc = LogsDatabase.jdbc();
  private final Logs logs = LogsDatabase.replica();
  private final LogSealer sealer = sealer();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void sealWhenStoppedAnywhereReadsTheSame() {
    var random = new Random(11);
    LogId id = open();
    var writer = new TestWriter(logs.writer(id, 1, new LogLimit(3_000_000), Mask.none()));
    var all = new ByteArrayOutputStream();
    long millis = 1_000_000;
    while (all.size() < 4_000_000) {
      byte[] bytes = LogsTests.awkward(random, random.nextInt(1, 40_000));
      millis += random.nextInt(300);
      writer.append(bytes, 0, bytes.length, millis);
      all.writeBytes(bytes);
    }
    close(id);
    byte[] before = LogsTests.read(logs, id, 0);
    List<Long> starts = starts(id);
    List<Long> times = times(id);

    int steps = 0;
    while (!sealed(id)) {
      assertThat(sealer.sealNext()).isTrue();
      steps++;

      Logs elsewhere = LogsDatabase.replica();
      assertThat(LogsTests.read(elsewhere, id, 0)).isEqualTo(before);
      elsewhere.stop();
      assertThat(starts(id)).isEqualTo(starts);
    }

    assertThat(steps).isGreaterThan(5);
    assertThat(chunks(id)).isLessThan(12);
    List<Long> after = times(id);
    for (int i = 0; i < times.size(); i++) {
      assertThat(times.get(i) - after.get(i)).isBetween(-99L, 99L);
    }
  }

  @Test
  void sealWhileReadLosesAndRepeatsNothing() throws Exception {
    byte[] all = new BuildOutput(12).bytes(3_000_000);
    var stop = new AtomicBoolean();
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      LogId id = open();
      var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
      for (int from = 0; from < all.length; from += 7001) {
        writer.append(all, from, Math.min(all.length, from + 7001));
      }
      close(id);

      List<Future<Integer>> reads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        reads.add(
            readers.submit(
                () -> {
                  int rounds = 0;
                  do {
                    Logs elsewhere = LogsDatabase.replica();
                    assertThat(LogsTests.read(elsewhere, id, 0)).isEqualTo(all);
                    elsewhere.stop();
                    rounds++;
                  } while (!stop.get());
                  return rounds;
                }));
      }
      LogSealer other = sealer();
      Future<?> second =
          readers.submit(
              () -> {
                while (!sealed(id)) {
                  other.sealNext();
                }
              });
      try {
        while (!sealed(id)) {
          sealer.sealNext();
        }
        second.get();
      } finally {
        stop.set(true); // else the readers' end is waited for in vain
      }
      for (Future<Integer> read : reads) {
        assertThat(read.get()).isPositive();
      }

      assertThat(LogsTests.read(logs, id, 0)).isEqualTo(all);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Test
  void sealWhenWrittenSlowlyTakesAFractionOfTheSpace() {
    byte[] all = new BuildOutput(13).bytes(4_000_000);
    LogId id = open();
    var writer = new TestWriter(logs.writer(id, 1, LIMIT, Mask.none()));
    for (int from = 0; from < all.length; from += 2000) {
      writer.append(all, from, Math.min(all.length, from + 2000));
    }
    close(id);
    double before = stored(id) / (double) all.length;

    while (!sealed(id)) {
      sealer.sealNext();
    }

    double after = stored(id) / (double) all.length;
    assertThat(after).isLessThan(0.15).isLessThan(before / 2);
  }

  @Test
  void sealWhenRemovedOrStillOpenLeavesItAlone() {
    LogId removed = open();
    new TestWriter(logs.writer(removed, 1, LIMIT, Mask.none())).append("secret\n".getBytes());
    close(removed);
    LogId open = open();
    new TestWriter(logs.writer(open, 1, LIMIT, Mask.none())).append("more\n".getBytes());
    LogsDatabase.transactions().run(() -> logs.remove(removed));

    while (sealer.sealNext()) {
      // what other tests left
    }

    assertThat(sealed(removed)).isFalse();
    assertThat(chunks(removed)).isZero();
    assertThat(sealed(open)).isFalse();
  }

  private LogSealer sealer() {
    JdbcClient client = LogsDatabase.jdbc();
    return new LogSealer(
        LogsDatabase.transactions(),
        new LogTable(client),
        new ChunkTable(client),
        new SimpleMeterRegistry());
  }

  private LogId open() {
    LogId id = logs.create();
    logs.fence(id, 1);
    return id;
  }

  private void close(LogId id) {
    LogsDatabase.transactions().run(() -> logs.close(id, 1));
  }

  private List<Long> starts(LogId id) {
    LogInfo info = logs.info(id);
    List<Long> starts = new ArrayList<>();
    for (long lines = 0; lines <= info.lines(); lines += info.lines() / 50 + 1) {
      starts.add(logs.tailStart(info, lines));
    }
    return starts;
  }

  private List<Long> times(LogId id) {
    Logs elsewhere = LogsDatabase.replica();
    List<Long> times = new ArrayList<>();
    try (LogTail tail = elsewhere.tail(id, () -> {})) {
      for (long at = 0; at < tail.length(); at += 9973) {
        if (tail.read(at, 1) instanceof Piece.Kept kept) {
          times.add(kept.arrivals().at(at));
        }
      }
    }
    elsewhere.stop();
    return times;
  }

  private boolean sealed(LogId id) {
    return jdbc.sql("SELECT sealed_at IS NOT NULL FROM logs WHERE id = ?")
        .param(id.value())
        .query(Boolean.class)
        .single();
  }

  private long chunks(LogId id) {
    return jdbc.sql("SELECT count(*) FROM log_chunks WHERE log_id = ?")
        .param(id.value())
        .query(Long.class)
        .single();
  }

  /** With what a row costs besides its bytes. */
  private long stored(LogId id) {
    return jdbc.sql("SELECT sum(pg_column_size(c.*)) FROM log_chunks AS c WHERE log_id = ?")
        .param(id.value())
        .query(Long.class)
        .single();
  }
}
