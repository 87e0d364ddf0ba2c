package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.ScriptedBackend.once;
import static dev.buildonce.dispatch.ScriptedBackend.unavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.TestApplication;
import dev.buildonce.builds.Ask;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import dev.buildonce.runners.StartFailed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What becomes of attempts when runner, database and deadlines behave badly at a bad moment. */
@SpringBootTest(properties = "buildonce.lease-term=3s")
@Import({TestApplication.class, DispatcherTests.Fakes.class})
class DispatcherTests {

  @TestConfiguration(proxyBeanMethods = false)
  static class Fakes {
    @Bean
    @Primary
    ScriptedBackend scriptedBackend() {
      return new ScriptedBackend();
    }

    @Bean
    static BeanPostProcessor trickyDataSource() {
      return new BeanPostProcessor() {
        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
          return name.equals("dataSource") ? new TrickyDataSource((DataSource) bean) : bean;
        }
      };
    }
  }

  @Autowired private Builds builds;
  @Autowired private JdbcClient jdbc;
  @Autowired private DataSource database;
  @Autowired private ScriptedBackend backend;
  @Autowired private HeldLeases held;

  private final BuildKey key = new BuildKey("dispatch-" + UUID.randomUUID());
  private final List<String> statusesAtEnd = new CopyOnWriteArrayList<>();

  @BeforeEach
  void reset() {
    // What the test before asked for is forgotten only after its end was seen.
    await().until(() -> held.all().isEmpty());
    backend.reset();
    backend.onEnd = attempt -> statusesAtEnd.add(storedStatus(attempt));
  }

  @Test
  void attemptIsStartedPublishedAndForgottenInThisOrder() {
    ask(null);

    assertThat(ended().status()).isEqualTo(AttemptStatus.SUCCEEDED);
    await().until(() -> backend.calls.equals(List.of("start 1", "end")));
    assertThat(statusesAtEnd).containsExactly("succeeded");
  }

  @Test
  void startOfUnknownFateIsEndedBeforeASuccessorIsQueued() {
    backend.onStart =
        once(
            () -> {
              throw unavailable();
            });
    ask(null);

    assertRetriedAfterItsProcessesWereEnded("No runner took it: on purpose");
  }

  @Test
  void attachmentThatFailsIsEndedBeforeASuccessorIsQueued() {
    AtomicInteger attached = new AtomicInteger();
    backend.onAttach =
        sink -> {
          if (attached.incrementAndGet() == 1) {
            throw new IllegalStateException("on purpose");
          }
          sink.ended(ScriptedBackend.SUCCESS);
        };
    ask(null);

    assertRetriedAfterItsProcessesWereEnded("The service itself failed");
  }

  @Test
  void outputThatCannotBeReadEndsTheAttempt() {
    AtomicInteger attached = new AtomicInteger();
    backend.onAttach =
        sink -> {
          if (attached.incrementAndGet() == 1) {
            sink.broken(unavailable());
          } else {
            sink.ended(ScriptedBackend.SUCCESS);
          }
        };
    ask(null);

    assertRetriedAfterItsProcessesWereEnded("The runner was lost: on purpose");
  }

  private void assertRetriedAfterItsProcessesWereEnded(String failure) {
    assertThat(ended().status()).isEqualTo(AttemptStatus.SUCCEEDED);
    Attempt first = attempt(1);
    assertThat(first.status()).isEqualTo(AttemptStatus.ERRORED);
    assertThat(first.failure()).contains(failure);
    assertThat(first.next()).isEqualTo(2);
    assertThat(backend.calls).startsWith("start 1", "end").containsOnlyOnce("start 2");
    assertThat(statusesAtEnd).startsWith("running");
  }

  @Test
  void commandThatCannotBeStartedIsNotTriedAgain() {
    backend.onStart =
        _ -> {
          throw new StartFailed("nope: not found");
        };
    ask(null);

    assertThat(ended().failure()).isEqualTo("The command cannot be started: nope: not found");
    assertThat(ended().next()).isNull();
  }

  @Test
  void stopThatFailsIsTriedUntilTheRunnerHeardIt() {
    AtomicInteger stops = new AtomicInteger();
    backend.onAttach = _ -> {};
    backend.onStop =
        sink -> {
          if (stops.incrementAndGet() < 3) {
            throw unavailable();
          }
          sink.ended(ScriptedBackend.STOPPED);
        };
    ask(Duration.ofSeconds(1));

    assertThat(ended().status()).isEqualTo(AttemptStatus.TIMED_OUT);
    assertThat(stops).hasValue(3);
  }

  @Test
  void commandThatEndsByItselfInTheMomentOfItsTimeoutKeepsItsEnd() {
    backend.onAttach = _ -> {};
    backend.onStop = sink -> sink.ended(ScriptedBackend.SUCCESS);
    ask(Duration.ofSeconds(1));

    assertThat(ended().status()).isEqualTo(AttemptStatus.SUCCEEDED);
  }

  @Test
  void endThatComesWhileTheDeadlineIsLookedUpIsNotMissed() {
    backend.onAttach =
        sink ->
            tricky()
                .before(
                    "RETURNING leases.attempt_id, fence, stop",
                    () -> {
                      // Most likely the look at the deadline: the regular heartbeat is once a
                      // second.
                      jdbc.sql("UPDATE leases SET deadline = deadline + make_interval(hours => 1)")
                          .update();
                      sink.ended(ScriptedBackend.SUCCESS);
                    });
    ask(Duration.ofMillis(150));

    assertThat(ended().status()).isEqualTo(AttemptStatus.SUCCEEDED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH picked AS", // the pick: the lease expires and is taken up again
        "UPDATE logs SET fence", // the first look of a holder at its attempt
        "UPDATE attempts SET status = 'running'",
        "UPDATE attempts SET status = ?", // the publish
      })
  void stepWhoseAnswerIsLostIsTakenOnce(String sql) {
    tricky().loseAnswerTo(sql);
    ask(null);

    assertThat(ended().status()).isEqualTo(AttemptStatus.SUCCEEDED);
    assertThat(tricky().isArmed()).isFalse();
    assertThat(ended().number()).isEqualTo(1);
    assertThat(backend.calls).containsOnlyOnce("start 1");
    assertThat(jdbc.sql("SELECT count(*) FROM leases").query(Long.class).single()).isZero();
  }

  private TrickyDataSource tricky() {
    return (TrickyDataSource) database;
  }

  private void ask(@Nullable Duration timeout) {
    builds.ask(
        key,
        new Ask(
            "shell",
            Map.of("script", "true"),
            null,
            null,
            null,
            timeout,
            "test",
            null,
            null,
            false));
  }

  /** The attempt that ends the chain. */
  private Attempt ended() {
    await()
        .atMost(Duration.ofSeconds(25))
        .until(() -> build().attempt().status().isEnd() && build().attempt().next() == null);
    return build().attempt();
  }

  private Build build() {
    return builds.find(key).orElseThrow();
  }

  private Attempt attempt(int number) {
    return builds.attempt(build(), number).orElseThrow();
  }

  private String storedStatus(long attempt) {
    return jdbc.sql("SELECT status FROM attempts WHERE id = :id")
        .param("id", attempt)
        .query(String.class)
        .single();
  }
}
