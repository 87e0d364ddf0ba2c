package dev.buildonce.runners;

import dev.buildonce.supervisor.Lines;
import dev.buildonce.supervisor.Protocol;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a supervisor; once broken it stays so. */
/*
 * Callers' threads never touch the channel: an interrupt of a thread inside it would close it for
 * everybody.
 */
final class SupervisorLink implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SupervisorLink.class);
  private static final int MOST_REQUESTS = 1_024;
  static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

  private final SocketChannel channel;
  private final Consumer<String[]> unasked;
  private final BlockingQueue<String> requests = new ArrayBlockingQueue<>(MOST_REQUESTS);
  private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile boolean open = true;

  /**
   * A link over a connected channel.
   *
   * @param unasked gets the words that the supervisor says by itself, without the first; must not
   *     block
   */
  SupervisorLink(SocketChannel channel, Consumer<String[]> unasked) {
    this.channel = channel;
    this.unasked = unasked;
    Thread.ofVirtual().name("supervisor-answers").start(this::read);
    Thread.ofVirtual().name("supervisor-requests").start(this::write);
  }

  boolean isOpen() {
    return open;
  }

  /** Asks, and returns the words of the answer after "ok". */
  String[] ask(String request) {
    return ask(request, LONGEST_ANSWER);
  }

  /**
   * Asks with a deadline of its own.
   *
   * @throws StartFailed when the answer says so
   * @throws BackendUnavailable when there is no answer in time, or a bad one
   */
  String[] ask(String request, Duration patience) {
    String number = Long.toString(numbers.incrementAndGet());
    var answer = new CompletableFuture<String>();
    answers.put(number, answer);
    try {
      if (!open
          || !requests.offer(
              number + " " + request + "\n", patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BackendUnavailable("The supervisor is not reached", null);
      }
      if (!open) {
        answer.completeExceptionally(new IOException("the connection broke"));
      }
      return words(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailable("Interrupted while the supervisor was asked", e);
    } catch (TimeoutException | ExecutionException e) {
      throw new BackendUnavailable("The supervisor did not answer", e);
    } finally {
      answers.remove(number);
    }
  }

  private static String[] words(String answer) {
    String[] words = answer.split(" ", 2);
    String rest = words.length > 1 ? words[1] : "";
    return switch (words[0]) {
      case "ok" -> rest.isEmpty() ? new String[0] : rest.split(" ", -1);
      case "failed" -> throw new StartFailed(Protocol.decode(rest));
      default -> throw new BackendUnavailable("The supervisor: " + Protocol.decode(rest), null);
    };
  }

  /** Says something to which the answer does not matter; false if that is not possible now. */
  boolean tell(String request) {
    return open && requests.offer("0 " + request + "\n");
  }

  private void read() {
    try {
      var lines = new Lines(channel);
      for (String line; (line = lines.next()) != null; ) {
        int space = line.indexOf(' ');
        String first = line.substring(0, space);
        String rest = line.substring(space + 1);
        if (first.equals(Protocol.UNASKED)) {
          unasked.accept(rest.split(" ", -1));
        } else {
          var answer = answers.get(first);
          if (answer != null) {
            answer.complete(rest);
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      log.debug("The connection to the supervisor broke", e);
    } finally {
      close();
    }
  }

  private void write() {
    try {
      while (open) {
        String request = requests.poll(1, TimeUnit.SECONDS);
        if (request != null) {
          Lines.write(channel, request);
        }
      }
    } catch (IOException | InterruptedException e) {
      log.debug("The connection to the supervisor broke", e);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    open = false;
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("The connection to the supervisor could not be closed", e);
    }
    answers
        .values()
        .forEach(answer -> answer.completeExceptionally(new IOException("the connection broke")));
  }
}
