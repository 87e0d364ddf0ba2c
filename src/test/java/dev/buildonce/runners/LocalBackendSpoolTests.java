package dev.buildonce.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.supervisor.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBackendSpoolTests {

  private static final long BOUND = 64 << 20;
  private static final Command FLOOD =
      new Command(List.of("head", "-c", "150000000", "/dev/zero"), Map.of(), "key", 1);

  @TempDir Path home;
  LocalBackend backend;

  @BeforeEach
  void open() throws IOException {
    backend = new LocalBackend(home, Duration.ofSeconds(30), () -> {});
  }

  @AfterEach
  void close() {
    backend.list().forEach(execution -> backend.end(execution.attempt()));
    backend.close();
  }

  private long onDisk() {
    try (var files = Files.list(home.resolve("spools/1"))) {
      return files
          .filter(file -> file.toString().endsWith(".spool"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void spoolIsBoundedWhenNobodyStoresAndTakenUpAgainWhereTheStoredBytesEnd() throws Exception {
    backend.start(1, FLOOD);
    await().until(() -> onDisk() >= BOUND);
    await()
        .during(Duration.ofMillis(500))
        .until(() -> onDisk() < BOUND + (1 << 20) && backend.list().getFirst().running());

    var read = new AtomicLong();
    var first = new CountDownLatch(40);
    var attachment =
        backend.attach(
            1,
            0,
            new RecordingSink() {
              @Override
              public void bytes(ByteBuffer data) {
                read.addAndGet(data.remaining());
                first.countDown();
              }
            });
    assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
    await().during(Duration.ofMillis(300)).until(() -> onDisk() < BOUND + (1 << 20));
    attachment.close();

    // What was read was all that there was, and none of it stored but by this offset.
    var rest = new Storing();
    long offset = BOUND - 5;
    rest.storeIn(backend.attach(1, offset, rest), offset);
    assertThat(rest.awaitEnd().sourceBytes()).isEqualTo(150_000_000);
    assertThat(rest.count).hasValue(150_000_000 - offset);
    assertThat(read.get()).isBetween(10L << 20, BOUND + (1 << 20));
    await().until(() -> onDisk() < 2 * Segments.SIZE);
  }

  /** Stores at once. */
  private static final class Storing extends RecordingSink {

    final AtomicLong count = new AtomicLong();
    private volatile Attachment attachment;
    private volatile long start;

    void storeIn(Attachment to, long from) {
      start = from;
      attachment = to;
      to.stored(from + count.get());
    }

    @Override
    public void bytes(ByteBuffer data) {
      long all = count.addAndGet(data.remaining());
      if (attachment != null) {
        attachment.stored(start + all);
      }
    }
  }
}
