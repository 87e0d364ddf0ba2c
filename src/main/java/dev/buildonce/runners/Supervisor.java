package dev.buildonce.runners;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The supervisor of a home as its service sees it: started when it is first needed, given signs of
 * life from then on, and replaced when it goes away.
 */
final class Supervisor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration LONGEST_OPENING = Duration.ofSeconds(50);
  private static final Duration LONGEST_QUIT = Duration.ofSeconds(2);
  private static final long SLOWEST_BEAT = 1_000; // milliseconds

  private final SupervisorProcess process;
  private final long pause; // milliseconds
  private final Consumer<String[]> unasked;
  private final Consumer<SupervisorLink> opened;
  private final Supplier<String> sign;
  private final Runnable beaten;
  private final ReentrantLock opening = new ReentrantLock();
  private final Thread heart;
  private volatile @Nullable SupervisorLink link;
  private volatile boolean closed;

  /**
   * Nothing is started yet.
   *
   * @param unasked gets what a supervisor says by itself; must not block
   * @param opened gets each new link before anybody else uses it
   * @param sign what to say as a sign of life
   * @param beaten told after each sign of life
   */
  Supervisor(
      SupervisorProcess process,
      Duration term,
      Consumer<String[]> unasked,
      Consumer<SupervisorLink> opened,
      Supplier<String> sign,
      Runnable beaten) {
    this.process = process;
    this.pause = Math.min(SLOWEST_BEAT, term.toMillis() / 6);
    this.unasked = unasked;
    this.opened = opened;
    this.sign = sign;
    this.beaten = beaten;
    this.heart = Thread.ofVirtual().name("supervisor-heartbeat").start(this::beat);
  }

  String[] ask(String request) {
    return ask(request, SupervisorLink.LONGEST_ANSWER);
  }

  /** Asks, and asks the next supervisor when this one went away over it: all may be repeated. */
  String[] ask(String request, Duration patience) {
    SupervisorLink there = link();
    try {
      return there.ask(request, patience);
    } catch (BackendUnavailable e) {
      if (there.isOpen() || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      return link().ask(request, patience);
    }
  }

  /** The link, which may take a while when there is none. */
  SupervisorLink link() {
    SupervisorLink there = link;
    if (there != null && there.isOpen()) {
      return there;
    }
    try {
      if (!opening.tryLock(LONGEST_OPENING.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BackendUnavailable("The supervisor is not reached", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailable("Interrupted while the supervisor was started", e);
    }
    try {
      there = link;
      return there != null && there.isOpen() ? there : open();
    } finally {
      opening.unlock();
    }
  }

  private SupervisorLink open() {
    if (closed) {
      throw new BackendUnavailable("The service stops", null);
    }
    SupervisorLink there = process.open(unasked);
    try {
      opened.accept(there);
    } catch (RuntimeException e) {
      there.close();
      throw e;
    }
    link = there;
    return there;
  }

  /** Says something to which the answer does not matter, if there is somebody to hear it. */
  void tell(String request) {
    SupervisorLink there = link;
    if (there != null) {
      there.tell(request);
    }
  }

  private void beat() {
    while (!closed) {
      try {
        SupervisorLink there = link;
        if (there != null && !there.tell(sign.get())) {
          link();
        }
        beaten.run();
      } catch (RuntimeException e) {
        log.warn("The supervisor is not reached", e);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(pause);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  /** Lets the supervisor go if no build runs; else it stays, for a term. */
  @Override
  public void close() {
    closed = true;
    heart.interrupt();
    SupervisorLink there = link;
    if (there != null) {
      try {
        there.ask("quit", LONGEST_QUIT);
      } catch (BackendUnavailable e) {
        log.debug("The supervisor stays", e);
      }
      there.close();
    }
  }
}
