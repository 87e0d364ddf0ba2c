package dev.buildonce.logs.web;

import dev.buildonce.logs.LogId;
import dev.buildonce.logs.LogLimit;
import dev.buildonce.logs.Logs;
import dev.buildonce.logs.LogsDatabase;
import dev.buildonce.logs.Mask;
import dev.buildonce.logs.TestWriter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Attempts as their owner would know them, shared by all replicas of a test. */
final class TestAttempts implements Followed<String> {

  static final LogLimit LIMIT = new LogLimit(100_000_000);

  private final Logs logs;
  private final Map<Integer, Standing<String>> standings = new ConcurrentHashMap<>();
  private final Set<Runnable> watches = ConcurrentHashMap.newKeySet();

  TestAttempts(Logs logs) {
    this.logs = logs;
  }

  /** Starts an attempt and gives the writer of its log. */
  TestWriter start(int attempt) {
    return start(attempt, LIMIT);
  }

  TestWriter start(int attempt, LogLimit limit) {
    LogId id = logs.create();
    logs.fence(id, 1);
    change(new Standing<>(attempt, id, false, null, attempt + " running"));
    return new TestWriter(logs.writer(id, 1, limit, Mask.none()));
  }

  void tell(int attempt, String detail) {
    change(new Standing<>(attempt, look(attempt).log(), false, null, detail));
  }

  void end(int attempt, String detail, @Nullable Integer next) {
    LogId log = look(attempt).log();
    LogsDatabase.transactions().run(() -> logs.close(log, 1));
    change(new Standing<>(attempt, log, true, next, detail));
    logs.published(log);
  }

  @Override
  public Standing<String> look(int attempt) {
    return standings.get(attempt);
  }

  @Override
  public Watch watch(Runnable onChange) {
    watches.add(onChange);
    return () -> watches.remove(onChange);
  }

  int watches() {
    return watches.size();
  }

  private void change(Standing<String> standing) {
    standings.put(standing.attempt(), standing);
    watches.forEach(Runnable::run);
  }
}
