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
 * A request whose body fails to be read when it is too long, too slow, or when there is no memory
 * left for it. Of a body that is too long, some more is read and dropped, so that its sender comes
 * to its end and sees the answer; where memory is short nothing is, as reading costs time, too.
 */
final class LimitedRequest extends Request.Wrapper {

  /** How much of what is refused is read nevertheless, in bytes. */
  private static final long DROPPED = 8 << 20;

  /**
   * What a body may have without a share of the memory for all, in bytes: asks as they mostly are
   * get through whatever others hold.
   */
  private static final long SMALL = 4 << 10;

  private final long maxBytes;
  private final Duration maxTime;
  private final BodyMemory memory;
  private final AtomicBoolean waited = new AtomicBoolean();
  private long bytes;
  private long share;
  private int refusal = HttpStatus.OK_200;
  private Content.@Nullable Chunk refused;
  private volatile Scheduler.@Nullable Task deadline;

  LimitedRequest(Request request, long maxBytes, Duration maxTime, BodyMemory memory) {
    super(request);
    this.maxBytes = maxBytes;
    this.maxTime = maxTime;
    this.memory = memory;
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
      if (refusal == HttpStatus.OK_200) {
        refusal = judge();
      }
      if (refusal == HttpStatus.OK_200) {
        if (chunk.isLast()) {
          cancelDeadline();
        }
        return chunk;
      }
      boolean over =
          refusal == HttpStatus.SERVICE_UNAVAILABLE_503
              || chunk.isLast()
              || bytes > maxBytes + DROPPED;
      chunk.release();
      if (over) {
        cancelDeadline();
        refused = Content.Chunk.from(new HttpException.RuntimeException(refusal), true);
        return refused;
      }
    }
  }

  private int judge() {
    if (bytes > maxBytes) {
      return HttpStatus.PAYLOAD_TOO_LARGE_413;
    }
    long more = bytes - SMALL - share;
    if (more <= 0) {
      return HttpStatus.OK_200;
    }
    if (!memory.take(more)) {
      return HttpStatus.SERVICE_UNAVAILABLE_503;
    }
    if (share == 0) {
      // Not sooner: who reads the body has it until the answer is given, and a held ask its params.
      Request.addCompletionListener(this, _ -> memory.giveBack(share));
    }
    share += more;
    return HttpStatus.OK_200;
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
