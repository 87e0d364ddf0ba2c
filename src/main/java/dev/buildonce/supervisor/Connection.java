package dev.buildonce.supervisor;

import dev.buildonce.supervisor.Ending.Cause;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A service that is connected. A service that does not listen holds up nobody else. */
final class Connection {

  private static final int MOST_REPLIES = 1_000;

  private final SocketChannel channel;
  private final Executions executions;
  private final Claim claim;
  private final Consumer<Execution> listener = this::changed;

  // guarded by this
  private final List<String> replies = new ArrayList<>();
  private final Set<Long> attached = new HashSet<>();
  private final Set<Execution> news = new LinkedHashSet<>();
  private boolean open = true;

  Connection(SocketChannel channel, Executions executions, Claim claim) {
    this.channel = channel;
    this.executions = executions;
    this.claim = claim;
  }

  /** Answers requests until the service goes. */
  void serve() {
    executions.listen(listener);
    Threads.start("answers", this::writeNews);
    try (channel) {
      var lines = new Lines(channel);
      for (String line; (line = lines.next()) != null; ) {
        answer(line.split(" ", -1));
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      Log.line("a service's connection broke", e);
    } finally {
      executions.ignore(listener);
      close();
    }
  }

  private synchronized void close() {
    open = false;
    notifyAll();
  }

  private void answer(String[] words) throws InterruptedException {
    String number = words[0];
    if (words[1].equals("end")) {
      // It may take a while, and the sign of life must not wait behind it.
      Threads.start("end", () -> reply(number, words));
    } else {
      reply(number, words);
    }
  }

  private void reply(String number, String[] words) {
    String text;
    try {
      text = perform(words);
    } catch (IOException | InterruptedException | RuntimeException e) {
      Log.line("could not " + words[1], e);
      text = broken(String.valueOf(e.getMessage()));
    }
    synchronized (this) {
      while (open && replies.size() >= MOST_REPLIES) {
        try {
          wait();
        } catch (InterruptedException _) {
          return;
        }
      }
      replies.add(number + " " + text + "\n");
      notifyAll();
    }
  }

  private static String broken(String reason) {
    return "broken " + Protocol.encode(reason);
  }

  private String perform(String[] words) throws IOException, InterruptedException {
    switch (words[1]) {
      case "hello" -> {
        claim.term(Long.parseLong(words[3]));
        return "ok " + Protocol.VERSION + " " + claim.code() + " " + executions.running();
      }
      case "beat" -> {
        executions.claimAll();
        return "ok";
      }
      case "claim" -> {
        executions.claim(Arrays.stream(words).skip(2).map(Long::parseLong).toList());
        return "ok";
      }
      case "start" -> {
        @Nullable String failure = executions.start(request(words));
        return failure == null ? "ok" : "failed " + Protocol.encode(failure);
      }
      case "known" -> {
        return "ok " + (executions.find(Long.parseLong(words[2])) != null);
      }
      case "list" -> {
        return executions.list().stream()
            .map(each -> each.attempt() + (each.ending() == null ? ":running" : ":ended"))
            .collect(Collectors.joining(" ", "ok ", ""))
            .strip();
      }
      case "attach" -> {
        return attach(words) ? "ok attached" : "ok gone";
      }
      case "detach" -> {
        synchronized (this) {
          attached.remove(Long.parseLong(words[2]));
        }
      }
      case "stored" -> {
        Execution execution = executions.find(Long.parseLong(words[2]));
        if (execution != null) {
          execution.spool().stored(Long.parseLong(words[3]));
        }
      }
      case "stop" -> {
        Execution execution = executions.find(Long.parseLong(words[2]));
        if (execution != null) {
          execution.stop(Long.parseLong(words[3]), Cause.STOPPED);
        }
      }
      case "end" -> executions.end(Long.parseLong(words[2]));
      case "quit" -> {
        if (!claim.giveUp()) {
          return broken("builds run");
        }
      }
      default -> {
        return broken("an unknown request");
      }
    }
    return "ok";
  }

  private static Executions.Request request(String[] words) {
    int arguments = Integer.parseInt(words[5]);
    List<String> texts = Arrays.stream(words).skip(6).map(Protocol::decode).toList();
    return new Executions.Request(
        Long.parseLong(words[2]),
        Path.of(Protocol.decode(words[3])),
        Protocol.decode(words[4]),
        texts.subList(0, arguments),
        texts.subList(arguments, texts.size()));
  }

  private boolean attach(String[] words) throws IOException {
    Execution execution = executions.find(Long.parseLong(words[2]));
    long offset = Long.parseLong(words[3]);
    if (execution == null
        || offset < execution.spool().base()
        || offset > execution.spool().length()) {
      return false;
    }
    execution.claim();
    execution.spool().stored(offset);
    synchronized (this) {
      attached.add(execution.attempt());
    }
    changed(execution);
    return true;
  }

  private synchronized void changed(Execution execution) {
    if (attached.contains(execution.attempt()) && news.add(execution)) {
      notifyAll();
    }
  }

  private void writeNews() {
    try {
      for (String text; (text = awaitNews()) != null; ) {
        Lines.write(channel, text);
      }
    } catch (IOException | InterruptedException e) {
      Log.line("a service does not listen any more", e);
    } finally {
      close();
    }
  }

  private @Nullable String awaitNews() throws InterruptedException {
    var text = new StringBuilder();
    List<Execution> changed;
    synchronized (this) {
      while (open && replies.isEmpty() && news.isEmpty()) {
        wait();
      }
      if (!open) {
        return null;
      }
      replies.forEach(text::append);
      replies.clear();
      changed = List.copyOf(news);
      news.clear();
      notifyAll();
    }
    for (Execution execution : changed) {
      Ending ending = execution.ending(); // before the length, which is final then
      text.append(Protocol.UNASKED + " spooled ").append(execution.attempt());
      text.append(' ').append(execution.spool().length()).append('\n');
      if (ending != null) {
        text.append(Protocol.UNASKED + " ended ").append(execution.attempt());
        text.append(' ').append(ending.format()).append('\n');
      }
    }
    return text.toString();
  }
}
