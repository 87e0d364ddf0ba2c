package dev.buildonce.dispatch;

import dev.buildonce.runners.Attachment;
import dev.buildonce.runners.BackendUnavailable;
import dev.buildonce.runners.Command;
import dev.buildonce.runners.End;
import dev.buildonce.runners.Execution;
import dev.buildonce.runners.RunnerBackend;
import dev.buildonce.runners.Sink;
import dev.buildonce.runners.Value;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Runs nothing, and does as a test says. */
final class ScriptedBackend implements RunnerBackend {
  static final End SUCCESS = new End(0, null, 0, End.Cause.ITSELF);
  static final End STOPPED = new End(null, 15, 0, End.Cause.STOPPED);

  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile LongConsumer onStart;
  volatile Consumer<Sink> onAttach;
  volatile Consumer<Sink> onStop;
  volatile LongConsumer onEnd;
  private volatile Sink sink;

  ScriptedBackend() {
    reset();
  }

  /** What is attached succeeds at once; what is stopped is. */
  void reset() {
    calls.clear();
    onStart = _ -> {};
    onAttach = attached -> attached.ended(SUCCESS);
    onStop = attached -> attached.ended(STOPPED);
    onEnd = _ -> {};
  }

  /** Does it once, and from then on nothing. */
  static LongConsumer once(Runnable action) {
    boolean[] done = new boolean[1];
    return _ -> {
      if (!done[0]) {
        done[0] = true;
        action.run();
      }
    };
  }

  static BackendUnavailable unavailable() {
    return new BackendUnavailable("on purpose", null);
  }

  @Override
  public void start(long attempt, Command command) {
    calls.add("start " + command.number());
    onStart.accept(attempt);
  }

  @Override
  public List<Execution> list() {
    return List.of();
  }

  @Override
  public Attachment attach(long attempt, long sourceOffset, Sink attached) {
    sink = attached;
    onAttach.accept(attached);
    return new Attachment() {
      @Override
      public void stored(long offset) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void stop(long attempt, Duration grace) {
    calls.add("stop");
    onStop.accept(sink);
  }

  @Override
  public Value value(long attempt) {
    return new Value.None();
  }

  @Override
  public void end(long attempt) {
    onEnd.accept(attempt);
    calls.add("end");
  }
}
