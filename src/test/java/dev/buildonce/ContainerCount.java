package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts the tests of classes that made a database in a container, or containers of their own, and
 * leaves the number in {@code target/container-tests}. A class that only meets another's
 * application is not counted.
 */
public final class ContainerCount implements TestExecutionListener {

  private final Set<String> users = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, AtomicInteger> tests = new ConcurrentHashMap<>();
  private static final AtomicInteger STARTED = new AtomicInteger();

  private int before;
  private int startedBefore;

  /** Notes that the running class has containers of its own. */
  static void started() {
    STARTED.incrementAndGet();
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.getSource().orElse(null) instanceof ClassSource) {
      before = TestDatabase.made();
      startedBefore = STARTED.get();
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    switch (test.getSource().orElse(null)) {
      case MethodSource method when test.isTest() ->
          tests.computeIfAbsent(method.getClassName(), _ -> new AtomicInteger()).incrementAndGet();
      case ClassSource type
          when STARTED.get() > startedBefore
              || (TestDatabase.made() > before && TestDatabase.inContainer()) ->
          users.add(type.getClassName());
      case null, default -> {}
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    int counted =
        users.stream()
            .map(tests::get)
            .filter(java.util.Objects::nonNull)
            .mapToInt(AtomicInteger::get)
            .sum();
    if (counted > 0) {
      try {
        Path folder = Files.createDirectories(Path.of("target", "container-tests"));
        Files.writeString(folder.resolve("" + ProcessHandle.current().pid()), counted + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
