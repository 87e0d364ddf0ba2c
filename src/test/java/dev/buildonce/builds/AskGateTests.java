package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

class AskGateTests {
  private final List<Set<String>> reads = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch first = new CountDownLatch(1);
  private final AskGate<String, String> gate = new AskGate<>(1, 3, this::read);

  @AfterEach
  void release() {
    first.countDown();
  }

  @Test
  void callersOfAReadInFlightShareTheNext() throws Exception {
    var a = caller("a");
    var later = List.of(caller("b"), caller("a"), caller("b"), caller("gone"));

    first.countDown();

    assertThat(a.get(10, TimeUnit.SECONDS)).isEqualTo("A1");
    assertThat(results(later)).containsExactly("B2", "A2", "B2", null);
    assertThat(reads).containsExactly(Set.of("a"), Set.of("b", "a", "gone"));
  }

  @Test
  void aReadIsForSoManyKeysAtMost() throws Exception {
    var callers =
        List.of(caller("a"), caller("b"), caller("c"), caller("d"), caller("e"), caller("d"));

    first.countDown();

    assertThat(results(callers)).containsExactly("A1", "B2", "C2", "D2", "E3", "D3");
  }

  @Test
  void whatFailsForOneKeyFailsForItsCallersOnly() throws Exception {
    caller("a");
    var good = caller("b");
    var bad = caller("bad");

    first.countDown();

    assertThat(good.get(10, TimeUnit.SECONDS)).startsWith("B");
    assertThatThrownBy(() -> bad.get(10, TimeUnit.SECONDS)).hasMessageContaining("unreadable");
    assertThat(gate.read("b")).startsWith("B");
  }

  @Test
  void whoWaitsWhileTheDatabaseIsAwayFailsAtOnce() {
    var away = caller("away");
    var waiting = List.of(caller("a"), caller("b"), caller("c"), caller("d"));

    first.countDown();

    assertThatThrownBy(() -> away.get(10, TimeUnit.SECONDS)).hasMessageContaining("away");
    waiting.forEach(
        caller ->
            assertThatThrownBy(() -> caller.get(10, TimeUnit.SECONDS))
                .hasMessageContaining("away"));
    assertThat(reads).hasSize(1);
    assertThat(gate.read("a")).isEqualTo("A2");
  }

  /** The first read lasts until all callers are there. */
  private Map<String, String> read(Set<String> keys) {
    reads.add(Set.copyOf(keys));
    int number = reads.size();
    try {
      assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (keys.contains("away")) {
      throw new DataAccessResourceFailureException("away", new SQLException("away", "08006"));
    }
    if (keys.contains("bad")) {
      throw new IllegalStateException("unreadable");
    }
    Map<String, String> values = new HashMap<>();
    keys.stream()
        .filter(key -> !key.equals("gone"))
        .forEach(key -> values.put(key, key.toUpperCase() + number));
    return values;
  }

  /** A caller on a thread of its own, once it waits: for its read, or at the gate. */
  private FutureTask<String> caller(String key) {
    var task = new FutureTask<>(() -> gate.read(key));
    var thread = Thread.ofPlatform().daemon().start(task);
    Awaitility.await()
        .until(
            () ->
                Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                    .contains(thread.getState()));
    return task;
  }

  private static List<String> results(List<FutureTask<String>> callers) throws Exception {
    List<String> results = new ArrayList<>();
    for (var caller : callers) {
      results.add(caller.get(10, TimeUnit.SECONDS));
    }
    return results;
  }
}
