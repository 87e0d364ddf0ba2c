package dev.buildonce.problems;

import java.time.Duration;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a request's body may cost: its size (413), its packing (415), the time from the first
 * wait for it to its end (408), and the memory of all bodies together (503). Jetty's own idle
 * timeout starts anew with every byte, so that a body that drips would hold a thread for as long as
 * its sender likes.
 */
final class BodyLimits extends Handler.Wrapper {

  /** The longest body that is read, in bytes. */
  static final long MAX_BYTES = 1 << 20;

  /** The longest time that a whole body may take. */
  static final Duration MAX_TIME = Duration.ofSeconds(30);

  /** How long the sender of a refused body is listened to before it gets its answer. */
  private static final Duration REFUSED_TIME = Duration.ofSeconds(3);

  private final long maxBytes;
  private final Duration maxTime;
  private final BodyMemory memory;
  private final JettyProblems problems;

  BodyLimits(long maxBytes, Duration maxTime, BodyMemory memory, JettyProblems problems) {
    this.maxBytes = maxBytes;
    this.maxTime = maxTime;
    this.memory = memory;
    this.problems = problems;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() == 0) {
      return super.handle(request, response, callback);
    }
    var refusal = refusal(request);
    if (refusal == null) {
      var limited = new LimitedRequest(request, maxBytes, maxTime, memory);
      return super.handle(limited, response, callback);
    }
    if (request.getHeaders().contains(HttpHeader.EXPECT)) {
      problems.send(refusal, request, response, callback); // the body need not come at all
    } else {
      var refused = new LimitedRequest(request, 0, REFUSED_TIME, memory);
      sendAfterBody(refusal, refused, response, callback);
    }
    return true;
  }

  private @Nullable Problem refusal(Request request) {
    // Behind this, Jetty would unpack a body, and what comes out is not bounded by what went in.
    var coding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (coding != null && !coding.strip().equalsIgnoreCase("identity")) {
      return Refusal.unsupportedCoding(Reasons.printable(coding));
    }
    return request.getLength() > maxBytes ? Refusal.tooLarge(maxBytes) : null;
  }

  /* An answer that comes while the sender is still writing is lost to it: the connection breaks. */
  private void sendAfterBody(
      Problem refusal, LimitedRequest request, Response response, Callback callback) {
    for (var chunk = request.read(); chunk != null; chunk = request.read()) {
      chunk.release();
      if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
        problems.send(refusal, request, response, callback);
        return;
      }
    }
    request.demand(() -> sendAfterBody(refusal, request, response, callback));
  }
}
