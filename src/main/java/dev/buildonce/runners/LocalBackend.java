package dev.buildonce.runners;

import dev.buildonce.supervisor.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts as processes of this machine, under this service's user: they are trusted. They are
 * children of the home's supervisor, which is started when it is first needed, outlives this
 * service, and ends them when no service has given it a sign of life for a term.
 */
public final class LocalBackend implements RunnerBackend, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LocalBackend.class);
  private static final Duration LONGEST_END = Duration.ofSeconds(60);
  private static final Duration LONGEST_OPENING = Duration.ofSeconds(50);
  private static final long SLOWEST_BEAT = 1_000; // milliseconds

  private final SupervisorHome home;
  private final Duration term;
  private final SupervisorProcess supervisor;
  private final Trash trash;
  private final Map<Long, LocalAttachment> attachments = new ConcurrentHashMap<>();
  private final ReentrantLock opening = new ReentrantLock();
  private final ReentrantLock starting = new ReentrantLock();
  private final Thread heart;
  private volatile @Nullable SupervisorLink link;
  private volatile boolean closed;
  private boolean swept; // guarded by opening

  /**
   * A back end that has its files in the given home.
   *
   * @param home a directory of the service's user; created if missing
   * @param term how long builds run on without a sign of life from a service, at least a second
   * @throws IOException when the home cannot be used
   */
  public LocalBackend(Path home, Duration term) throws IOException {
    if (term.toMillis() < 1_000) {
      throw new IllegalArgumentException("The term is at least a second");
    }
    this.home = SupervisorHome.create(home);
    this.term = term;
    this.trash = new Trash(this.home.trash());
    this.supervisor = new SupervisorProcess(this.home, term);
    this.heart = Thread.ofVirtual().name("supervisor-heartbeat").start(this::beat);
  }

  @Override
  public void start(long attempt, Command command) {
    var workplace = home.workplace(attempt);
    var request = new StartRequest(attempt, workplace, command);
    link(); // first, as it tidies up
    starting.lock();
    try {
      if (!workplace.create()) {
        if (ask("known " + attempt)[0].equals("true")) {
          return;
        }
        trash.remove(workplace.path());
        workplace.create();
      }
      ask(request.line());
    } catch (StartFailed e) {
      discard(workplace);
      throw e;
    } catch (IOException e) {
      throw new BackendUnavailable("The directory of attempt " + attempt + " is not made", e);
    } finally {
      starting.unlock();
    }
  }

  private void discard(Workplace workplace) {
    try {
      trash.remove(workplace.path());
    } catch (IOException e) {
      log.warn("Cannot remove {}", workplace.path(), e);
    }
  }

  @Override
  public List<Execution> list() {
    return executions(ask("list"));
  }

  private static List<Execution> executions(String[] words) {
    return Stream.of(words)
        .map(word -> word.split(":", 2))
        .map(parts -> new Execution(Long.parseLong(parts[0]), parts[1].equals("running")))
        .toList();
  }

  @Override
  public Attachment attach(long attempt, long sourceOffset, Sink sink) {
    var attachment =
        new LocalAttachment(
            attempt,
            sourceOffset,
            sink,
            home.spool(attempt),
            home.workplace(attempt).pending(),
            this::stored,
            this::detached);
    if (attachments.putIfAbsent(attempt, attachment) != null) {
      throw new IllegalStateException("Attempt " + attempt + " has a sink already");
    }
    try {
      attach(attachment, this::ask);
    } catch (BackendUnavailable e) {
      attachments.remove(attempt);
      throw e;
    }
    attachment.begin();
    return attachment;
  }

  private static void attach(LocalAttachment attachment, Function<String, String[]> ask) {
    String[] answer = ask.apply("attach " + attachment.attempt() + " " + attachment.storedOffset());
    if (!answer[0].equals("attached")) {
      attachment.gone();
    }
  }

  private void stored(LocalAttachment attachment) {
    SupervisorLink there = link;
    if (there != null) {
      there.tell("stored " + attachment.attempt() + " " + attachment.storedOffset());
    }
  }

  private void detached(LocalAttachment attachment) {
    attachments.remove(attachment.attempt(), attachment);
    SupervisorLink there = link;
    if (there != null) {
      there.tell("detach " + attachment.attempt());
    }
  }

  @Override
  public void stop(long attempt, Duration grace) {
    ask("stop " + attempt + " " + Math.max(0, grace.toMillis()));
  }

  @Override
  public Value value(long attempt) {
    return ValueFile.read(home.workplace(attempt).value());
  }

  @Override
  public void end(long attempt) {
    ask("end " + attempt, LONGEST_END);
    try {
      trash.remove(home.workplace(attempt).path());
    } catch (IOException e) {
      throw new BackendUnavailable("The directory of attempt " + attempt + " stays", e);
    }
  }

  /** Lets go of everything. Builds run on for a term; without any the supervisor goes as well. */
  @Override
  public void close() {
    closed = true;
    heart.interrupt();
    attachments.values().forEach(LocalAttachment::close);
    SupervisorLink there = link;
    if (there != null) {
      try {
        there.ask("quit", Duration.ofSeconds(2));
      } catch (BackendUnavailable e) {
        log.debug("The supervisor stays", e);
      }
      there.close();
    }
  }

  private String[] ask(String request) {
    return ask(request, SupervisorLink.LONGEST_ANSWER);
  }

  /** Asks, and asks the next supervisor when this one went away over it: all may be repeated. */
  private String[] ask(String request, Duration patience) {
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

  private SupervisorLink link() {
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
    SupervisorLink there = supervisor.open(this::hear);
    try {
      sweep(there);
      attachments.values().forEach(attachment -> attach(attachment, there::ask));
    } catch (RuntimeException e) {
      there.close();
      throw e;
    }
    link = there;
    return there;
  }

  /** Directories that a start left that broke off before the supervisor knew of it. */
  private void sweep(SupervisorLink there) {
    if (swept) {
      return;
    }
    Set<String> known =
        executions(there.ask("list")).stream()
            .map(execution -> Long.toString(execution.attempt()))
            .collect(Collectors.toSet());
    try (var left = Files.list(home.runs())) {
      left.filter(path -> !known.contains(String.valueOf(path.getFileName())))
          .map(Workplace::new)
          .forEach(this::discard);
    } catch (IOException e) {
      log.warn("Cannot look into {}", home.runs(), e);
    }
    Thread.ofVirtual().name("trash").start(trash::empty);
    swept = true;
  }

  private void hear(String[] words) {
    LocalAttachment attachment = attachments.get(Long.parseLong(words[1]));
    if (attachment == null) {
      return;
    }
    switch (words[0]) {
      case "spooled" -> attachment.spooled(Long.parseLong(words[2]));
      case "ended" -> {
        var how = Ending.parse(String.join(" ", List.of(words).subList(2, words.length)));
        attachment.ended(
            new End(
                how.exitCode() < 0 ? null : how.exitCode(),
                how.signal() == 0 ? null : how.signal(),
                how.bytes(),
                End.Cause.valueOf(how.cause().name())));
      }
      default -> log.debug("The supervisor says {}", words[0]);
    }
  }

  /** Gives signs of life, and finds or replaces a supervisor that went away. */
  private void beat() {
    long pause = Math.min(SLOWEST_BEAT, term.toMillis() / 6);
    while (!closed) {
      try {
        SupervisorLink there = link;
        if (there != null && !there.tell("beat")) {
          link();
        }
        attachments.values().forEach(this::stored); // in case one was not said for want of room
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
}
