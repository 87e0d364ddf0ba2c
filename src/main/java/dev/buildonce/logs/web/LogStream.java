package dev.buildonce.logs.web;

import dev.buildonce.problems.Problem;
import jakarta.servlet.AsyncContext;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.Consumer;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** One answer that is being streamed, on a virtual thread of its own. */
final class LogStream implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(LogStream.class);

  /** Writes the answer. */
  interface Body {
    Ending write(Signal signal) throws IOException;
  }

  private final AsyncContext async;
  private final Body body;
  private final Consumer<LogStream> onEnd;
  private final Signal signal = new Signal();

  LogStream(AsyncContext async, Body body, Consumer<LogStream> onEnd) {
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
    signal.raise(Signal.STOP);
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
      } else {
        abort(ending.name());
      }
    } catch (IOException e) {
      // The client went away or stopped reading.
      log.debug("A stream of a log ended early", e);
      abort("write failed");
    } catch (Problem e) {
      log.debug("A stream of a log cannot go on", e);
      abort(e.name());
    } catch (DataAccessException e) {
      log.info("A stream of a log is cut, for the database failed: {}", e.toString());
      abort("database failed");
    } catch (RuntimeException | Error e) {
      log.warn("A stream of a log failed; its connection is cut", e);
      abort("failed");
    }
  }

  /** Ends the answer without its final chunk; what was flushed still arrives. */
  private void abort(String why) {
    ServletContextRequest.getServletContextRequest(async.getRequest())
        .getServletChannel()
        .abort(new EOFException(why));
  }
}
