package dev.buildonce.problems;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a request's body may cost: its size (413) and the time from the first wait for it to
 * its end (408). Jetty's own idle timeout starts anew with every byte, so that a body that drips
 * would hold a thread for as long as its sender likes.
 */
final class BodyLimits extends Handler.Wrapper {

  /** The longest body that is read, in bytes. */
  static final long MAX_BYTES = 1 << 20;

  /** The longest time that a whole body may take. */
  static final Duration MAX_TIME = Duration.ofSeconds(30);

  private final long maxBytes;
  private final Duration maxTime;

  BodyLimits(long maxBytes, Duration maxTime) {
    this.maxBytes = maxBytes;
    this.maxTime = maxTime;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() > maxBytes) {
      Response.writeError(request, response, callback, HttpStatus.PAYLOAD_TOO_LARGE_413);
      return true;
    }
    return super.handle(
        request.getLength() == 0 ? request : new Limited(request), response, callback);
  }

  private final class Limited extends Request.Wrapper {

    private final AtomicBoolean waited = new AtomicBoolean();
    private long bytes;
    private Content.@Nullable Chunk refused;
    private volatile Scheduler.@Nullable Task deadline;

    Limited(Request request) {
      super(request);
    }

    @Override
    public Content.@Nullable Chunk read() {
      if (refused != null) {
        return refused;
      }
      var chunk = super.read();
      if (chunk == null) {
        return null;
      }
      bytes += chunk.remaining();
      if (bytes > maxBytes) {
        chunk.release();
        chunk =
            Content.Chunk.from(
                new HttpException.RuntimeException(HttpStatus.PAYLOAD_TOO_LARGE_413), true);
        refused = chunk;
      }
      if (chunk.isLast()) {
        done();
      }
      return chunk;
    }

    @Override
    public void demand(Runnable callback) {
      if (refused == null && waited.compareAndSet(false, true)) {
        deadline =
            getComponents()
                .getScheduler()
                .schedule(this::late, maxTime.toMillis(), TimeUnit.MILLISECONDS);
        Request.addCompletionListener(this, _ -> done());
      }
      super.demand(callback);
    }

    private void late() {
      getWrapped().fail(new HttpException.RuntimeException(HttpStatus.REQUEST_TIMEOUT_408));
    }

    private void done() {
      var task = deadline;
      if (task != null) {
        task.cancel();
      }
    }
  }
}
