package dev.buildonce.problems;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body fails to be read when it is too long or too slow. Of a body that is too
 * long, some more is read and dropped, so that its sender comes to its end and sees the answer.
 */
final class LimitedRequest extends Request.Wrapper {

  /** How much of what is refused is read nevertheless, in bytes. */
  private static final long DROPPED = 8 << 20;

  private final long maxBytes;
  private final Duration maxTime;
  private final AtomicBoolean waited = new AtomicBoolean();
  private long bytes;
  private Content.@Nullable Chunk refused;
  private volatile Scheduler.@Nullable Task deadline;

  LimitedRequest(Request request, long maxBytes, Duration maxTime) {
    super(request);
    this.maxBytes = maxBytes;
    this.maxTime = maxTime;
  }

  @Override
  public Content.@Nullable Chunk read() {
    if (refused != null) {
      return refused;
    }
    while (true) {
      var chunk = super.read();
      if (chunk == null || Content.Chunk.isFailure(chunk)) {
        return chunk;
      }
      bytes += chunk.remaining();
      if (bytes <= maxBytes) {
        if (chunk.isLast()) {
          cancelDeadline();
        }
        return chunk;
      }
      boolean over = chunk.isLast() || bytes > maxBytes + DROPPED;
      chunk.release();
      if (over) {
        cancelDeadline();
        refused =
            Content.Chunk.from(
                new HttpException.RuntimeException(HttpStatus.PAYLOAD_TOO_LARGE_413), true);
        return refused;
      }
    }
  }

  @Override
  public void demand(Runnable callback) {
    if (waited.compareAndSet(false, true)) {
      deadline =
          getComponents()
              .getScheduler()
              .schedule(this::late, maxTime.toMillis(), TimeUnit.MILLISECONDS);
      Request.addCompletionListener(this, _ -> cancelDeadline());
    }
    super.demand(callback);
  }

  private void late() {
    fail(new HttpException.RuntimeException(HttpStatus.REQUEST_TIMEOUT_408));
  }

  private void cancelDeadline() {
    var task = deadline;
    if (task != null) {
      task.cancel();
    }
  }
}
