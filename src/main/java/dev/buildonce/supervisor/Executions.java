package dev.buildonce.supervisor;

import dev.buildonce.supervisor.Ending.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The builds of this home that run, or ended and are not forgotten yet. */
final class Executions {

  private static final long LONGEST_END = TimeUnit.SECONDS.toMillis(45);
  private static final long LONGEST_RECOVERY = TimeUnit.SECONDS.toNanos(30);

  private final Path spools;
  private final Trees trees;
  private final Reaper reaper;
  private final Map<Long, Execution> all = new ConcurrentHashMap<>();
  private final List<Consumer<Execution>> listeners = new CopyOnWriteArrayList<>();

  Executions(Path spools, Trees trees, Reaper reaper) {
    this.spools = spools;
    this.trees = trees;
    this.reaper = reaper;
  }

  /**
   * What is to be started.
   *
   * @param directory where the command starts, absolute
   * @param sign an entry of the environment that no other build has
   */
  record Request(
      long attempt,
      Path directory,
      String sign,
      List<String> arguments,
      List<String> environment) {}

  /** Told whenever a build has written more or has ended; must not block. */
  void listen(Consumer<Execution> listener) {
    listeners.add(listener);
  }

  void ignore(Consumer<Execution> listener) {
    listeners.remove(listener);
  }

  private void changed(Execution execution) {
    listeners.forEach(listener -> listener.accept(execution));
  }

  @Nullable Execution find(long attempt) {
    return all.get(attempt);
  }

  Collection<Execution> list() {
    return all.values();
  }

  long running() {
    return all.values().stream().filter(execution -> execution.ending() == null).count();
  }

  /**
   * Starts a build, unless it was started before.
   *
   * @return why it could not be started, or null when it was
   * @throws IOException when the supervisor itself could not do its part
   */
  synchronized @Nullable String start(Request request) throws IOException {
    if (all.containsKey(request.attempt())) {
      return null;
    }
    var folder = new Folder(spools.resolve(Long.toString(request.attempt())));
    folder.delete(); // what a start that failed half-way may have left
    long mark = Mark.fresh();
    folder.create(new Folder.Entry(mark, request.sign()));
    int[] pipe = Libc.pipe(Pump.PIPE_CAPACITY);
    var tree = new Tree(trees, mark, request.sign().getBytes(Trees.TEXT));
    var execution =
        new Execution(
            request.attempt(),
            folder,
            Spool.in(folder.path()),
            trees,
            tree,
            pipe[0],
            this::changed);
    trees.add(tree);
    var spawned = new Spawn.Spawned[1];
    reaper.spawn(
        execution::exited,
        () -> {
          try (var _ = Mark.wear(mark)) {
            spawned[0] =
                Spawn.spawn(
                    request.arguments(), request.environment(), request.directory(), pipe[1]);
          }
          return spawned[0] instanceof Spawn.Spawned.Process(int pid) ? rooted(tree, pid) : 0;
        });
    Libc.close(pipe[1]);
    if (spawned[0] instanceof Spawn.Spawned.Failed(String reason)) {
      trees.remove(tree);
      Libc.close(pipe[0]);
      folder.delete();
      return reason;
    }
    all.put(request.attempt(), execution);
    execution.begin();
    return null;
  }

  private static int rooted(Tree tree, int pid) {
    var row = ProcessTable.find(pid);
    tree.root(row == null ? new ProcessTable.Identity(pid, 0) : row.identity());
    return pid;
  }

  /**
   * Forgets a build and what is on disk of it; ends it first if it runs.
   *
   * @throws IOException when something of it could not be ended or removed
   */
  void end(long attempt) throws IOException, InterruptedException {
    Execution execution = all.get(attempt);
    if (execution == null) {
      return;
    }
    execution.forget();
    execution.stop(0, Cause.STOPPED);
    if (!execution.awaitEnd(LONGEST_END)) {
      throw new IOException("its processes did not end");
    }
    execution.delete();
    all.remove(attempt);
  }

  /** Claims all that runs. */
  void claimAll() {
    all.values().forEach(Execution::claim);
  }

  /** Claims these for another term, as far as they are known. */
  void claim(List<Long> attempts) {
    attempts.stream().map(all::get).filter(Objects::nonNull).forEach(Execution::claim);
  }

  /** Lets time pass in which a claim could have been heard; ends what nobody claimed for a term. */
  void pass(long nanos, long term) {
    for (Execution execution : all.values()) {
      if (execution.unclaimed(nanos) > term) {
        execution.stop(0, Cause.UNCLAIMED);
      }
    }
  }

  /** Ends all that runs, at once. */
  void abandon() {
    all.values().forEach(execution -> execution.stop(0, Cause.UNCLAIMED));
  }

  /**
   * Takes over what an earlier supervisor left: ends that were written stand; what has none is
   * ended, if there is anything left of it, and has vanished.
   */
  void recover() throws IOException {
    List<Path> folders;
    try (var entries = Files.list(spools)) {
      folders = entries.toList();
    }
    for (Path path : folders) {
      try {
        recover(Long.parseLong(path.getFileName().toString()), new Folder(path));
      } catch (IOException | RuntimeException e) {
        Log.line("cannot make sense of " + path, e);
      }
    }
  }

  private void recover(long attempt, Folder folder) throws IOException {
    var entry = folder.entry();
    if (entry == null) {
      folder.delete();
      return;
    }
    Ending end = folder.end();
    Spool spool = Spool.in(folder.path());
    // After a crash of the machine the end can be there and bytes before it not.
    if (end == null || spool.length() < end.bytes()) {
      long patience = System.nanoTime() + LONGEST_RECOVERY;
      new Tree(trees, entry.mark(), entry.sign().getBytes(Trees.TEXT))
          .kill(() -> System.nanoTime() - patience > 0);
      end = new Ending(-1, 0, spool.length(), Cause.VANISHED);
      folder.end(end);
    }
    all.put(attempt, new Execution(attempt, folder, spool, trees, end));
  }
}
