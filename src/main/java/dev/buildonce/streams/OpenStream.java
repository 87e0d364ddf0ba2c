package dev.buildonce.streams;

import dev.buildonce.problems.Problem;
import dev.buildonce.problems.ProblemAdvice;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** One answer that is being streamed, on a virtual thread of its own. */
final class OpenStream implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(OpenStream.class);

  private static final Duration RESET_DELAY = Duration.ofMillis(250);

  private final AsyncContext async;
  private final Streams.Body body;
  private final Consumer<OpenStream> onEnd;
  private final Signal signal = new Signal();

  OpenStream(AsyncContext async, Streams.Body body, Consumer<OpenStream> onEnd) {
    this.async = async;
    this.body = body;
    this.onEnd = onEnd;
  }

  @Override
  public void run() {
    try {
      write();
    } finally {
      onEnd.accept(this);
    }
  }

  /** Ends it soon, unless it is stuck in a write. */
  void stop() {
    signal.stop();
  }

  /** Ends it at once, by its connection. */
  void cutOff() {
    ServletContextRequest request =
        ServletContextRequest.getServletContextRequest(async.getRequest());
    request.getConnectionMetaData().getConnection().getEndPoint().close();
  }

  private void write() {
    try {
      Ending ending = body.write(signal);
      if (ending == Ending.WHOLE) {
        async.complete();
      } else if (hasBegun()) {
        abort(ending.name());
      } else {
        answer(new TooManyViewers(true)); // nothing but a stop cuts what has not begun
      }
    } catch (IOException e) {
      // The client went away or stopped reading.
      log.debug("A stream ended early", e);
      abort("write failed");
    } catch (RuntimeException e) {
      fail(e);
    } catch (Error e) {
      log.warn("A stream failed; its connection is cut", e);
      abort("failed");
    }
  }

  private void fail(RuntimeException thrown) {
    if (!hasBegun()) {
      answer(thrown);
    } else if (thrown instanceof Problem problem) {
      log.debug("A stream cannot go on", thrown);
      abort(problem.name());
    } else if (thrown instanceof DataAccessException) {
      log.info("A stream is cut, for the database failed: {}", thrown.toString());
      abort("database failed");
    } else {
      log.warn("A stream failed; its connection is cut", thrown);
      abort("failed");
    }
  }

  private boolean hasBegun() {
    return async.getResponse().isCommitted();
  }

  /** Instead of a stream of which the caller has seen nothing yet, not even the status. */
  private void answer(RuntimeException thrown) {
    try {
      ProblemAdvice.answer(
          thrown,
          (HttpServletRequest) async.getRequest(),
          (HttpServletResponse) async.getResponse());
      async.complete();
    } catch (IllegalStateException e) {
      log.debug("A problem cannot be told any more", e);
      abort("failed");
    }
  }

  /** Ends the answer without its final chunk; what was flushed still arrives. */
  private void abort(String why) {
    ServletContextRequest request =
        ServletContextRequest.getServletContextRequest(async.getRequest());
    ConnectionMetaData connection = request.getConnectionMetaData();
    if (connection.getHttpVersion() == HttpVersion.HTTP_1_0) {
      resetOnClose(connection.getConnection().getEndPoint());
    }
    request.getServletChannel().abort(new EOFException(why));
  }

  /**
   * HTTP/1.0, which proxies still speak, has no chunks: its answers end with the connection, so a
   * plain close would make a cut answer look whole. A reset does not.
   */
  private static void resetOnClose(EndPoint end) {
    if (end.getTransport() instanceof SocketChannel socket) {
      // A reset drops what is still on its way out.
      long until = System.nanoTime() + RESET_DELAY.toNanos();
      for (long left; (left = until - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(left); // which may return at once
      }
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        log.debug("A connection cannot be reset: it is closed already", e);
      }
    }
  }
}
