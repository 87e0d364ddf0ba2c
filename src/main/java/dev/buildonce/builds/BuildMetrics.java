package dev.buildonce.builds;

import dev.buildonce.trends.TrendCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Counts what was committed, once: as metrics of this replica, and for the trends of all. */
@Component
class BuildMetrics {
  private final MeterRegistry registry;
  private final TrendCounter trends;

  BuildMetrics(MeterRegistry registry, TrendCounter trends) {
    this.registry = registry;
    this.trends = trends;
  }

  /** Counts an ask by its answer, and the run time that a hit or join did not cost again. */
  void answered(Answer answer) {
    Build build = answer.build();
    String word =
        switch (answer) {
          case Answer.Hit _ -> "hit";
          case Answer.Joined _ -> "join";
          case Answer.Started _ -> "start";
        };
    registry.counter("buildonce.asks", "builder", build.builder(), "answer", word).increment();
    switch (answer) {
      case Answer.Hit _ -> {
        Duration saved = Objects.requireNonNull(build.outcome()).runTime();
        saved(build, saved);
        trends.hit(build.builder(), saved);
      }
      case Answer.Joined _ -> {
        Duration saved = Objects.requireNonNull(build.attempt()).estimated();
        saved(build, saved);
        trends.join(build.builder(), saved);
      }
      case Answer.Started _ -> {
        started(build.builder());
        trends.start(build.builder());
      }
    }
  }

  /** Counts an attempt that was queued. */
  void started(String builder) {
    registry.counter("buildonce.builds.started", "builder", builder).increment();
  }

  private void saved(Build build, @Nullable Duration time) {
    if (time != null) {
      registry
          .counter("buildonce.saved.seconds", "builder", build.builder())
          .increment(time.toMillis() / 1000.0);
    }
  }

  /** Counts what a rebuild request did to a build. */
  void rebuildRequested(Rebuilds.Result result) {
    registry.counter("buildonce.rebuild.requests", "result", result.word()).increment();
  }

  /** Counts an end, how long the attempt ran, what it wrote, and what was queued after it. */
  void ended(AttemptTable.Ended end) {
    String builder = end.builder();
    AttemptStatus status = end.status();
    Duration run = end.run();
    registry
        .counter("buildonce.builds.ended", "builder", builder, "status", status.word())
        .increment();
    registry.counter("buildonce.log.bytes", "builder", builder).increment(end.logBytes());
    trends.ended(
        builder,
        switch (status) {
          case SUCCEEDED -> TrendCounter.End.SUCCEEDED;
          case FAILED -> TrendCounter.End.FAILED;
          case QUEUED, RUNNING, TIMED_OUT, CANCELLED, ERRORED, LOST -> TrendCounter.End.OTHERWISE;
        },
        run);
    if (end.followed()) {
      started(builder);
    }
    if (run != null) {
      Timer.builder("buildonce.build.run")
          .tags("builder", builder, "status", status.word())
          .publishPercentileHistogram()
          .minimumExpectedValue(Duration.ofMillis(100))
          .maximumExpectedValue(Duration.ofHours(2))
          .register(registry)
          .record(run);
    }
  }

  /** Records how long an attempt waited for its runner. */
  void waited(String builder, Duration queue) {
    Timer.builder("buildonce.build.queue")
        .tags("builder", builder)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(10))
        .maximumExpectedValue(Duration.ofHours(2))
        .register(registry)
        .record(queue);
    trends.waited(builder, queue);
  }
}
