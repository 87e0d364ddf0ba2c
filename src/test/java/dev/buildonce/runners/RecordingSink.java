package dev.buildonce.runners;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what it gets. */
class RecordingSink implements Sink {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final List<Optional<String>> pending = new CopyOnWriteArrayList<>();
  private final List<End> ends = new CopyOnWriteArrayList<>();

  @Override
  public void bytes(ByteBuffer data) throws InterruptedException {
    byte[] copy = new byte[data.remaining()];
    data.get(copy);
    synchronized (bytes) {
      bytes.writeBytes(copy);
    }
  }

  @Override
  public void pending(@Nullable String line) {
    pending.add(Optional.ofNullable(line));
  }

  @Override
  public void ended(End end) {
    ends.add(end);
  }

  @Override
  public void broken(RuntimeException reason) {
    throw reason;
  }

  byte[] content() {
    synchronized (bytes) {
      return bytes.toByteArray();
    }
  }

  String text() {
    return new String(content(), StandardCharsets.UTF_8);
  }

  List<Optional<String>> pendingLines() {
    return pending;
  }

  List<End> ends() {
    return ends;
  }

  End awaitEnd() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !ends.isEmpty());
    return ends.getFirst();
  }

  void awaitText(String part) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> text().contains(part));
  }
}
