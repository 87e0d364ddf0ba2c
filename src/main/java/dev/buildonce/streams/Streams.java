package dev.buildonce.streams;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All answers of this replica that go on: logs, and what is published. Their number is bounded;
 * each is a virtual thread of its own, so that one whose client reads slowly or not at all holds up
 * nobody. When the service stops they go on until running attempts had their time, and end before
 * the web server, which waits for them; who follows one comes back elsewhere or later.
 */
@Component
public final class Streams implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Streams.class);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(1);

  /** How many streams are compressed at a time: each needs some 256 KiB outside the heap. */
  private static final int COMPRESSED = 256;

  /** Writes an answer. */
  public interface Body {

    /**
     * Writes it on a thread of its own, until its end or until the signal says to stop.
     *
     * @throws IOException if the client is gone: the stream ends
     */
    Ending write(Signal signal) throws IOException;
  }

  private final int max;
  private final Semaphore places;
  private final Semaphore compressors = new Semaphore(COMPRESSED);
  private final Set<OpenStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;
  private volatile boolean running;

  Streams(MeterRegistry metrics, ViewersProperties properties) {
    this.max = properties.max();
    this.places = new Semaphore(max);
    Gauge.builder("buildonce.viewers", streams, Set::size)
        .description("Streams of logs and events that are open on this replica")
        .register(metrics);
  }

  /**
   * Answers a request by a stream, or a HEAD by the headers alone. Status and headers are set.
   *
   * @throws TooManyViewers if there is no place for it; nothing is left of the answer then
   */
  public void open(HttpServletRequest request, HttpServletResponse response, Body body)
      throws IOException {
    if (request.getMethod().equals("HEAD")) {
      response.flushBuffer();
      return;
    }
    if (stopping || !places.tryAcquire()) {
      response.reset();
      throw new TooManyViewers(stopping);
    }
    if (!response.containsHeader("Content-Length")) {
      // Jetty leaves chunks out where the caller closes the connection (Connection: close), and
      // then nothing would tell an answer that is cut from one that is whole.
      response.setHeader("Transfer-Encoding", "chunked");
    }
    var stream = new OpenStream(startAsync(request), body, this::ended);
    streams.add(stream);
    if (stopping) {
      stream.stop();
    }
    Thread.ofVirtual().name("stream").start(stream);
  }

  /** Takes a place to compress a stream; false if there is none. */
  public boolean takeCompressor() {
    return compressors.tryAcquire();
  }

  /** Gives it back. */
  public void giveCompressorBack() {
    compressors.release();
  }

  /** After attempts, whose ends those who follow them are to see. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }

  @Override
  public void start() {
    stopping = false;
    running = true;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public void stop() {
    running = false;
    stopping = true;
    streams.forEach(OpenStream::stop);
    if (!emptyWithin(STOP_PATIENCE)) {
      log.info("{} viewers do not read; their connections are closed", streams.size());
      streams.forEach(OpenStream::cutOff);
      emptyWithin(STOP_PATIENCE);
    }
  }

  private AsyncContext startAsync(HttpServletRequest request) {
    try {
      AsyncContext async = request.startAsync();
      async.setTimeout(0);
      return async;
    } catch (RuntimeException e) {
      places.release();
      throw e;
    }
  }

  private void ended(OpenStream stream) {
    streams.remove(stream);
    places.release();
  }

  private boolean emptyWithin(Duration patience) {
    try {
      return places.tryAcquire(max, patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
