package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.FailureExcerpt;
import dev.buildonce.logs.BuildOutput;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.LogTail;
import dev.buildonce.logs.LogWriter;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.LogsDatabase;
import dev.buildonce.logs.Mask;
import dev.buildonce.logs.Piece;
import dev.buildonce.logs.TestWriter;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class FailureScanTests {
  private final Logs logs = LogsDatabase.replica();

  @AfterEach
  void stop() {
    logs.stop();
  }

  @Test
  void excerptIsTheSameWhetherItFollowedTheLogOrReadItOnce() {
    var random = new Random(17);
    String[] told = {
      "main.c:1:2: error: x\n", "Error: y\n", "[ERROR] cannot z\n", "it failed\n", "x\n"
    };
    var offered = new AtomicInteger();
    int dropped = 0;
    int found = 0;
    for (int round = 0; round < 40; round++) {
      Builder builder = builder("log-limit: " + random.nextInt(20, 200) + "KB\n");
      LogId log = log();
      TestWriter writer = writer(log, builder);
      FailureScan following = new FailureScan(logs, log, builder);
      LogTail tail = logs.tail(log, () -> {});
      int takenUp = random.nextInt(20);
      int told1 = random.nextInt(20);
      for (int i = 0; i < 20; i++) {
        var output = new StringBuilder(new String(new BuildOutput(i).bytes(8000), UTF_8));
        if (i == told1 || random.nextInt(8) == 0) {
          output.insert(
              output.indexOf("\n", random.nextInt(4000)) + 1,
              told[random.nextInt(told.length)].replace("\n", " " + i + "\n"));
        }
        FailureScan scan = following;
        write(
            writer,
            output.substring(0, output.length() - random.nextInt(2)),
            random,
            at -> {
              if (random.nextInt(32) > 0 && tail.read(at, 5000) instanceof Piece.Kept kept) {
                scan.take(kept);
                offered.incrementAndGet();
              }
            });
        while (random.nextInt(4) > 0) {
          following.follow(writer.length());
        }
        if (i == takenUp) {
          following = new FailureScan(logs, log, builder); // by another service
        }
      }
      writer.finish();
      tail.close();

      FailureExcerpt followed = following.excerpt();

      assertThat(followed).isEqualTo(new FailureScan(logs, log, builder).excerpt());
      dropped += logs.info(log).dropped() ? 1 : 0;
      found += followed == null ? 0 : 1;
    }
    assertThat(dropped).isBetween(5, 39);
    assertThat(found).isGreaterThan(20);
    assertThat(offered).hasValueGreaterThan(1000);
  }

  @Test
  void excerptOfALongLineIsTheSameFromMemoryAndRead() {
    for (int at : new int[] {1 << 20, (1 << 20) - 29, 3 << 19}) {
      Builder builder = builder("");
      LogId log = log();
      TestWriter writer = writer(log, builder);
      FailureScan scan = new FailureScan(logs, log, builder);
      String line = "42%\r".repeat(at / 4) + "main.c:1:2: error: here \r";
      byte[] bytes = (line + "43%\r".repeat((3 << 20) / 4) + "\n").getBytes(UTF_8);
      try (LogTail tail = logs.tail(log, () -> {})) {
        for (int from = 0; from < bytes.length; from += LogWriter.MAX_APPEND) {
          writer.append(bytes, from, Math.min(bytes.length, from + LogWriter.MAX_APPEND));
          scan.take((Piece.Kept) tail.read(from, LogWriter.MAX_APPEND));
        }
      }

      assertThat(scan.excerpt())
          .as("at %s", at)
          .isEqualTo(new FailureScan(logs, log, builder).excerpt());
    }
  }

  @Test
  void whoReadsDoesNotHoldUpWhatIsStored() throws Exception {
    var database = new TrickyDataSource(LogsDatabase.dataSource());
    Logs slow = LogsDatabase.replica(database, DataSize.ofMegabytes(1));
    Builder builder = builder("");
    LogId log = log();
    TestWriter writer = writer(log, builder);
    writer.append("stored before\n".getBytes(UTF_8));
    FailureScan scan = new FailureScan(slow, log, builder);
    var reads = new CountDownLatch(1);
    var goesOn = new CountDownLatch(1);
    database.before(
        "FROM log_chunks",
        () -> {
          reads.countDown();
          awaitUninterruptibly(goesOn);
        });
    CompletableFuture<Boolean> follows =
        CompletableFuture.supplyAsync(
            () -> scan.follow(writer.length()), Thread::startVirtualThread);
    try (LogTail tail = logs.tail(log, () -> {})) {
      var piece = (Piece.Kept) tail.read(0, 1000);
      assertThat(reads.await(10, SECONDS)).isTrue();

      CompletableFuture.runAsync(() -> scan.take(piece), Thread::startVirtualThread)
          .get(10, SECONDS);
      assertThat(scan.isBehind(Long.MAX_VALUE)).isFalse();
    } finally {
      goesOn.countDown();
      slow.stop();
    }

    assertThat(follows.get(10, SECONDS)).isTrue();
  }

  @Test
  void whatWasTakenUpIsReadUntilWhatIsStoredNextFits() {
    Builder builder = builder("");
    LogId log = log();
    TestWriter writer = writer(log, builder);
    byte[] lines = "nothing in it\n".repeat(100_000).getBytes(UTF_8);
    while (writer.length() < 20_000_000) {
      writer.append(lines);
    }
    FailureScan scan = new FailureScan(logs, log, builder);
    while (scan.isBehind(writer.length())) {
      scan.follow(writer.length());
    }
    writer.append("Error: here\n".getBytes(UTF_8));
    try (LogTail tail = logs.tail(log, () -> {})) {
      scan.take((Piece.Kept) tail.read(writer.length() - 12, 12));
    }

    assertThat(scan.isBehind(writer.length() + 10_000_000)).isFalse();
    assertThat(scan.excerpt().lines().getLast().text()).isEqualTo("Error: here");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      if (!latch.await(30, SECONDS)) {
        throw new IllegalStateException("Nobody went on");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void excerptHasTheLinesAroundWithoutEscapes() {
    FailureExcerpt excerpt =
        excerpt(
            "",
            "1\n2\n  3\n\u001b[1mapp.c:3:1: error: no\u001b[0m\n    5 |   x = 1;\n      |   ^\n"
                + "10%\r20%\r\n\n\n10\n");

    assertThat(excerpt.line()).isEqualTo(4);
    assertThat(excerpt.score()).isEqualTo(ErrorScore.COMPILED);
    assertThat(excerpt.lines().stream().map(line -> line.number() + ":" + line.text()))
        .containsExactly(
            "2:2",
            "3:  3",
            "4:app.c:3:1: error: no",
            "5:    5 |   x = 1;",
            "6:      |   ^",
            "7:20%");
  }

  @Test
  void excerptIsNothingWhereNothingTells() {
    assertThat(excerpt("", "one\ntwo\n")).isNull();
    assertThat(excerpt("", "")).isNull();
    assertThat(excerpt("", "error: last line without an end").line()).isOne();
    assertThat(excerpt("error-patterns: [{pattern: ^error, score: 0}]\n", "error: a\nerror: b\n"))
        .isNull();
  }

  @Test
  void errorBehindWhatWasDroppedIsFoundWithItsNumber() {
    String filler = "0123456789012345678901234567890123456789012345678\n";
    FailureExcerpt excerpt =
        excerpt(
            "log-limit: 64KB\n",
            filler.repeat(700) + "Error: dropped\n" + filler.repeat(10_000) + "Error: kept\n");

    assertThat(excerpt.line()).isEqualTo(10_702);
    assertThat(excerpt.lines().getLast().text()).isEqualTo("Error: kept");
  }

  private @Nullable FailureExcerpt excerpt(String more, String text) {
    Builder builder = builder(more);
    LogId log = log();
    TestWriter writer = writer(log, builder);
    write(writer, text, new Random(1), _ -> {});
    writer.finish();
    return new FailureScan(logs, log, builder).excerpt();
  }

  private static void write(
      TestWriter writer, String text, Random random, LongConsumer afterWriteAt) {
    byte[] bytes = text.getBytes(UTF_8);
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(1, 5000));
      long at = writer.length();
      writer.append(bytes, from, to);
      afterWriteAt.accept(at);
      from = to;
    }
  }

  private static Builder builder(String more) {
    return Builder.parse("b", "command: [x]\n" + more);
  }

  private LogId log() {
    return LogsDatabase.transactions()
        .call(
            () -> {
              LogId id = logs.create();
              logs.fence(id, 1);
              return id;
            });
  }

  private TestWriter writer(LogId log, Builder builder) {
    return new TestWriter(
        logs.writer(log, 1, new LogLimit(builder.logLimit().toBytes()), Mask.none()));
  }
}
