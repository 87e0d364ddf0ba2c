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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts as processes of this machine, under this service's user: they are trusted. They are
 * children of the home's supervisor, which is started when it is first needed, outlives this
 * service, and ends each that no service has claimed for a term. What was started or is attached to
 * is claimed, until it is let go.
 */
public final class LocalBackend implements RunnerBackend, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LocalBackend.class);
  private static final Duration LONGEST_END = Duration.ofSeconds(60);

  private final SupervisorHome home;
  private final Supervisor supervisor;
  private final Trash trash;
  private final CacheSlots caches;
  private final Map<Long, LocalAttachment> attachments = new ConcurrentHashMap<>();
  private final Set<Long> claimed = ConcurrentHashMap.newKeySet();
  private final ReentrantLock starting = new ReentrantLock();
  private final Runnable ending;
  private boolean swept; // by one thread at a time, see Supervisor

  /**
   * A back end that has its files in the given home.
   *
   * @param home a directory of the service's user; created if missing
   * @param term how long builds run on without a sign of life from a service, at least a second
   * @param ending told of each end while what the build wrote still takes its room; quick
   * @throws IOException when the home cannot be used
   */
  public LocalBackend(Path home, Duration term, Runnable ending) throws IOException {
    if (term.toMillis() < 1_000) {
      throw new IllegalArgumentException("The term is at least a second");
    }
    this.ending = ending;
    this.home = SupervisorHome.create(home);
    this.trash = new Trash(this.home.trash());
    this.caches = new CacheSlots(this.home, trash);
    this.supervisor =
        new Supervisor(
            new SupervisorProcess(this.home, term),
            term,
            this::hear,
            this::opened,
            this::claim,
            this::beaten);
  }

  @Override
  public void start(long attempt, Command command) {
    var workplace = home.workplace(attempt);
    var request = new StartRequest(attempt, workplace, command);
    try {
      supervisor.link(); // first, as it tidies up
    } catch (BackendUnavailable e) {
      throw BackendUnavailable.beforeStart(e);
    }
    starting.lock();
    try {
      if (!workplace.create()) {
        if (supervisor.ask("known " + attempt)[0].equals("true")) {
          return;
        }
        trash.remove(workplace.path());
        workplace.create();
      }
      for (Cache cache : command.caches()) {
        workplace.link(cache.path(), caches.take(cache, attempt));
      }
      claimed.add(attempt);
      supervisor.ask(request.line());
    } catch (StartFailed e) {
      claimed.remove(attempt);
      discard(workplace);
      throw e;
    } catch (IOException e) {
      throw new BackendUnavailable("The directory of attempt " + attempt + " is not made", e);
    } finally {
      starting.unlock();
    }
  }

  private void discard(Workplace workplace) {
    discard(workplace.path());
  }

  private void discard(Path path) {
    try {
      trash.remove(path);
    } catch (IOException e) {
      log.warn("Cannot remove {}", path, e);
    }
  }

  @Override
  public List<Execution> list() {
    return executions(supervisor.ask("list"));
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
    claimed.add(attempt);
    try {
      attach(attachment, supervisor::ask);
    } catch (BackendUnavailable e) {
      claimed.remove(attempt);
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
    supervisor.tell("stored " + attachment.attempt() + " " + attachment.storedOffset());
  }

  private void detached(LocalAttachment attachment) {
    claimed.remove(attachment.attempt());
    supervisor.tell("detach " + attachment.attempt());
    // Last: from here on the next one may attach, and what it claims is not to be let go.
    attachments.remove(attachment.attempt(), attachment);
  }

  @Override
  public void stop(long attempt, Duration grace) {
    supervisor.ask("stop " + attempt + " " + Math.max(0, grace.toMillis()));
  }

  @Override
  public Value value(long attempt) {
    return ValueFile.read(home.workplace(attempt).value());
  }

  @Override
  public void end(long attempt) {
    claimed.remove(attempt);
    supervisor.ask("end " + attempt, LONGEST_END);
    try {
      trash.remove(home.workplace(attempt).path());
    } catch (IOException e) {
      throw new BackendUnavailable("The directory of attempt " + attempt + " stays", e);
    }
  }

  /** Lets go of everything. Builds run on for a term; without any the supervisor goes as well. */
  @Override
  public void close() {
    attachments.values().forEach(LocalAttachment::close);
    supervisor.close();
  }

  /** Takes up with a supervisor that we did not talk to before. */
  private void opened(SupervisorLink there) {
    sweep(there);
    attachments.values().forEach(attachment -> attach(attachment, there::ask));
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
        vacate(attachment.attempt());
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

  private String claim() {
    return claimed.stream()
        .map(attempt -> " " + attempt)
        .collect(Collectors.joining("", "claim", ""));
  }

  /**
   * Nobody needs where it worked any more, but everybody the room, if that is what it died of: its
   * last words and its end have to be stored, too.
   */
  private void vacate(long attempt) {
    try {
      ending.run();
    } catch (RuntimeException e) {
      log.warn("The end of attempt {} goes on regardless", attempt, e);
    }
    Thread.ofVirtual()
        .name("vacate-" + attempt)
        .start(() -> home.workplace(attempt).parts().forEach(this::discard));
  }

  /** Says it again, in case it was not said for want of room. */
  private void beaten() {
    attachments.values().forEach(this::stored);
  }
}
