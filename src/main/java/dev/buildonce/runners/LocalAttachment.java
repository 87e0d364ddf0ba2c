package dev.buildonce.runners;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a spool as it grows and hands it to a sink; the supervisor only tells how far it goes. */
final class LocalAttachment implements Attachment {

  private static final Logger log = LoggerFactory.getLogger(LocalAttachment.class);
  private static final int AT_ONCE = 256 << 10; // bytes
  private static final long PENDING_LOOK = 400; // milliseconds
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

  private final long attempt;
  private final Path spool;
  private final Sink sink;
  private final PendingFile pending;
  private final Consumer<LocalAttachment> stored;
  private final Consumer<LocalAttachment> closed;
  private final Thread reader;
  private final Thread pendingReader;

  // guarded by this
  private long position; // read up to here
  private long length; // there is as much
  private long storedOffset;
  private boolean open = true;
  private @Nullable End end;

  /**
   * An attachment that does nothing before {@link #begin}.
   *
   * @param stored told when the supervisor may give up more; must not block
   * @param closed told once, when nothing goes to the sink any more
   */
  LocalAttachment(
      long attempt,
      long sourceOffset,
      Sink sink,
      Path spool,
      Path pending,
      Consumer<LocalAttachment> stored,
      Consumer<LocalAttachment> closed) {
    this.attempt = attempt;
    this.position = sourceOffset;
    this.length = sourceOffset;
    this.storedOffset = sourceOffset;
    this.sink = sink;
    this.spool = spool;
    this.pending = new PendingFile(pending);
    this.stored = stored;
    this.closed = closed;
    this.reader = Thread.ofVirtual().name("attachment-" + attempt).unstarted(this::read);
    this.pendingReader = Thread.ofVirtual().name("pending-" + attempt).unstarted(this::watch);
  }

  void begin() {
    reader.start();
    pendingReader.start();
  }

  long attempt() {
    return attempt;
  }

  synchronized long storedOffset() {
    return storedOffset;
  }

  synchronized void spooled(long bytes) {
    if (bytes > length) {
      length = bytes;
      notifyAll();
    }
  }

  synchronized void ended(End how) {
    end = how;
    notifyAll();
  }

  /** The supervisor knows nothing of the attempt: what was read is all there will be. */
  synchronized void gone() {
    length = position;
    end = new End(null, null, position, End.Cause.VANISHED);
    notifyAll();
  }

  @Override
  public void stored(long sourceOffset) {
    synchronized (this) {
      if (!open || sourceOffset <= storedOffset) {
        return;
      }
      storedOffset = sourceOffset;
    }
    stored.accept(this);
  }

  private void read() {
    try (var spoolReader = new SpoolReader(spool)) {
      var buffer = ByteBuffer.allocateDirect(AT_ONCE);
      for (long available; (available = awaitMore()) > 0; ) {
        buffer.clear().limit((int) Math.min(available, AT_ONCE));
        long at = position();
        int count = spoolReader.read(buffer, at);
        sink.bytes(buffer.flip().asReadOnlyBuffer());
        moveTo(at + count);
      }
      tellEnd();
    } catch (InterruptedException _) {
      log.debug("Detached from attempt {}", attempt);
    } catch (IOException e) {
      breakOff(new BackendUnavailable("What it wrote cannot be read: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      breakOff(e);
    } finally {
      detach();
    }
  }

  private void breakOff(RuntimeException reason) {
    if (isOpen()) {
      log.warn("Attempt {} is detached from", attempt, reason);
      sink.broken(reason);
    }
  }

  private void tellEnd() throws InterruptedException {
    End how;
    synchronized (this) {
      how = open ? end : null;
    }
    if (how != null) {
      pendingReader.interrupt();
      pendingReader.join();
      sink.ended(how);
    }
  }

  /** Waits for bytes; 0 when none will come. */
  private synchronized long awaitMore() throws InterruptedException {
    while (open && position >= length && end == null) {
      wait();
    }
    return open ? length - position : 0;
  }

  private synchronized long position() {
    return position;
  }

  private synchronized void moveTo(long offset) {
    position = offset;
  }

  private synchronized boolean isOpen() {
    return open;
  }

  private void watch() {
    try {
      while (isOpen()) {
        if (pending.hasChanged()) {
          sink.pending(pending.line());
        }
        TimeUnit.MILLISECONDS.sleep(PENDING_LOOK);
      }
    } catch (InterruptedException _) {
      log.debug("Attempt {} has ended", attempt);
    } catch (RuntimeException e) {
      log.warn("The pending line of attempt {} is not shown any more", attempt, e);
    }
  }

  private void detach() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
      notifyAll();
    }
    pendingReader.interrupt();
    closed.accept(this);
  }

  @Override
  public void close() {
    detach();
    reader.interrupt();
    if (Thread.currentThread() == reader || Thread.currentThread() == pendingReader) {
      return;
    }
    try {
      boolean quiet = reader.join(LONGEST_CLOSE) && pendingReader.join(LONGEST_CLOSE);
      if (!quiet) {
        log.warn("A sink of attempt {} does not return", attempt);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
