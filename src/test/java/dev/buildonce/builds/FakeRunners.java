package dev.buildonce.builds;

import dev.buildonce.runners.Attachment;
import dev.buildonce.runners.Command;
import dev.buildonce.runners.End;
import dev.buildonce.runners.End.Cause;
import dev.buildonce.runners.Execution;
import dev.buildonce.runners.RunnerBackend;
import dev.buildonce.runners.Sink;
import dev.buildonce.runners.Value;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs nothing: an attempt ends when a test says so. It watches that no two attempts of a key run
 * at a time.
 */
final class FakeRunners implements RunnerBackend {
  private final Map<Long, Run> runs = new ConcurrentHashMap<>();
  private final Set<String> stubborn = ConcurrentHashMap.newKeySet();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();

  private static final class Run {
    private final String key;
    private final int number;
    private @Nullable Sink sink;
    private @Nullable End end;
    private boolean told;

    Run(String key, int number) {
      this.key = key;
      this.number = number;
    }

    synchronized boolean runs() {
      return end == null;
    }

    synchronized void attach(Sink to) {
      sink = to;
      tell();
    }

    synchronized void detach() {
      sink = null;
    }

    synchronized void end(End how) {
      if (end == null) {
        end = how;
        tell();
      }
    }

    private void tell() {
      if (end != null && sink != null && !told) {
        told = true;
        sink.ended(end);
      }
    }
  }

  /** Ends what runs of a key by itself with an exit code; false if nothing does. */
  boolean exit(String key, int code) {
    return end(key, new End(code, null, 0, Cause.ITSELF));
  }

  /** Loses what runs of a key. */
  boolean lose(String key) {
    return end(key, new End(null, null, 0, Cause.VANISHED));
  }

  private boolean end(String key, End end) {
    boolean any = false;
    for (Run run : runs.values()) {
      if (run.key.equals(key) && run.runs()) {
        run.end(end);
        any = true;
      }
    }
    return any;
  }

  /** The number of the attempt of a key that runs, 0 if none does. */
  int running(String key) {
    return runs.values().stream()
        .filter(run -> run.key.equals(key) && run.runs())
        .mapToInt(run -> run.number)
        .findFirst()
        .orElse(0);
  }

  /**
   * Has the processes of a key live on when they are told to stop, until they exit by themselves.
   */
  void stubborn(String key, boolean yes) {
    if (yes) {
      stubborn.add(key);
    } else {
      stubborn.remove(key);
    }
  }

  /** What must not have happened. */
  List<String> troubles() {
    return List.copyOf(troubles);
  }

  @Override
  public void start(long attempt, Command command) {
    Run mine = runs.computeIfAbsent(attempt, _ -> new Run(command.key(), command.number()));
    runs.values().stream()
        .filter(run -> run != mine && run.key.equals(mine.key) && run.runs())
        .forEach(
            run ->
                troubles.add(
                    "attempts %d and %d of %s run at a time"
                        .formatted(run.number, mine.number, mine.key)));
  }

  @Override
  public List<Execution> list() {
    return runs.entrySet().stream()
        .map(run -> new Execution(run.getKey(), run.getValue().runs()))
        .toList();
  }

  @Override
  public Attachment attach(long attempt, long sourceOffset, Sink sink) {
    Run run = runs.get(attempt);
    if (run == null) {
      sink.ended(new End(null, null, 0, Cause.VANISHED));
    } else {
      run.attach(sink);
    }
    return new Attachment() {
      @Override
      public void stored(long sourceOffset) {}

      @Override
      public void close() {
        if (run != null) {
          run.detach();
        }
      }
    };
  }

  @Override
  public void stop(long attempt, Duration grace) {
    Run run = runs.get(attempt);
    if (run != null && !stubborn.contains(run.key)) {
      run.end(new End(null, 15, 0, Cause.STOPPED));
    }
  }

  @Override
  public Value value(long attempt) {
    return new Value.None();
  }

  @Override
  public void end(long attempt) {
    Run run = runs.remove(attempt);
    if (run != null) {
      run.end(new End(null, 9, 0, Cause.STOPPED));
    }
  }
}
