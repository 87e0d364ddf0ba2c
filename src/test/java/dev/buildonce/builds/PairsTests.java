package dev.buildonce.builds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.TestApplication;
import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builders.TestBuilders;
import dev.buildonce.database.Transactions;
import dev.buildonce.database.Unavailable;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Whatever two things happen to a key at the same moment, its tables stay in order and everybody
 * who asks is answered. All is real but the runners, which end attempts when they are told to.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "buildonce.pools.local.max=64",
      "buildonce.lease-term=2s",
      "buildonce.pools.local.shutdown-timeout=1s"
    })
@Import({TestApplication.class, PairsTests.Fakes.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PairsTests {
  /** Each state before and each way to ask, twice. */
  private static final int ROUNDS = 48;

  /**
   * Rounds to which something happens at a time. Others may wait for their end, for terms maybe.
   */
  private static final int HAPPENING = 10;

  @Autowired private JdbcClient jdbc;
  @Autowired private FakeRunners runners;
  @Autowired private Builders builders;
  @Autowired private Retention retention;
  @Autowired private Uses uses;
  @Autowired private ApplicationEventPublisher events;
  @LocalServerPort private int port;

  private final Map<String, Builder> defined = new ConcurrentHashMap<>();
  private final AtomicInteger versions = new AtomicInteger();
  private final AtomicInteger keys = new AtomicInteger();
  private final AtomicInteger unavailable = new AtomicInteger();
  private Client client;

  @TestConfiguration(proxyBeanMethods = false)
  static class Fakes {
    @Bean
    @Primary
    FakeRunners fakeRunners() {
      return new FakeRunners();
    }

    @Bean
    @Primary
    Builders testBuilders() {
      return Builders.of("b0", List.of());
    }
  }

  /** What happens to a key. */
  enum Event {
    ASK,
    PUBLISH,
    REBUILD,
    AGAIN,
    CANCEL,
    EXPIRE,
    RETRY,
    LAPSE,
    DELETE,
    FORGET,
    BUILDER_CHANGE
  }

  /** How it stands before. */
  enum Before {
    UNKNOWN,
    SUCCEEDED,
    FLAGGED,
    FIRST_RUNNING,
    REBUILDING,
    MARKED,
    BEHIND_MARKED,
    FOLLOWED
  }

  static Stream<Arguments> pairs() {
    Event[] all = Event.values();
    return Arrays.stream(all)
        .flatMap(
            one ->
                Arrays.stream(all)
                    .filter(other -> other.compareTo(one) >= 0)
                    .filter(other -> (one + "," + other).matches(System.getProperty("pairs", ".*")))
                    .map(other -> Arguments.of(one, other)));
  }

  @BeforeAll
  void define() {
    client = new Client("http://127.0.0.1:" + port);
    IntStream.range(0, ROUNDS).forEach(number -> changeBuilder("b" + number));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void bothAtOnceLeaveTheTablesInOrderAndEveryAskAnswered(Event one, Event other) throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Semaphore happening = new Semaphore(HAPPENING);
      List<Future<?>> rounds = new ArrayList<>();
      for (int n = 0; n < ROUNDS; n++) {
        Round round = new Round(n);
        rounds.add(
            workers.submit(
                () -> {
                  round.play(happening, one, other);
                  return null;
                }));
      }
      for (Future<?> each : rounds) {
        each.get();
      }
    }

    assertThat(runners.troubles()).isEmpty();
    assertThat(Invariants.broken(jdbc)).isEmpty();
  }

  @AfterAll
  void noTransactionHadToBreakADeadlock() {
    jdbc.sql("SELECT pg_stat_clear_snapshot()").query().listOfRows();
    assertThat(
            jdbc.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                .query(Long.class)
                .single())
        .isZero();
  }

  /** What a machine that pauses for seconds brings about, and nothing else. */
  @AfterAll
  void databaseWasHardlyEverAway() {
    assertThat(unavailable).hasValueLessThan(100);
  }

  /** The answer to a caller who asks again, as he is told to, when the database is away. */
  private Reply patiently(Supplier<Reply> request) {
    return Client.patiently(
        () -> {
          Reply reply = wholeOrCut(request);
          if (reply.status() == 503) {
            unavailable.incrementAndGet();
          }
          return reply;
        });
  }

  /** A stream that was under way can only be cut when the database is away. */
  private static Reply wholeOrCut(Supplier<Reply> request) {
    try {
      return request.get();
    } catch (UncheckedIOException e) {
      return new Reply(503, HttpHeaders.of(Map.of(), (_, _) -> true), e.toString().getBytes(UTF_8));
    }
  }

  private synchronized void changeBuilder(String name) {
    defined.put(
        name,
        Builder.parse(
            name,
            """
            command: [never, run]
            success-max-age: 30m
            env: {VERSION: "%d"}
            """
                .formatted(versions.incrementAndGet())));
    TestBuilders.replace(builders, defined.values());
  }

  /**
   * One key with a builder of its own, brought into a state, to which two things happen at once.
   */
  private final class Round {
    private final String builder;
    private final Before before;
    private final int number;
    private final String key = "pair-" + keys.incrementAndGet();
    private final Queue<Future<Reply>> asks = new ConcurrentLinkedQueue<>();

    Round(int number) {
      this.builder = "b" + number;
      this.before = Before.values()[number % Before.values().length];
      this.number = number;
    }

    void play(Semaphore happening, Event one, Event other) throws Exception {
      try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        try {
          play(happening, one, other, callers);
        } catch (AssertionError | Exception e) {
          callers.shutdownNow(); // Else those wait for their answers whom the round has left.
          throw new AssertionError(
              "round %d of %s and %s from %s, key %s: %s"
                  .formatted(number, one, other, before, key, e),
              e);
        }
      }
    }

    private void play(Semaphore happening, Event one, Event other, ExecutorService callers)
        throws Exception {
      happening.acquire();
      try {
        prepare();
        happen(one, other, callers);
      } finally {
        happening.release();
      }
      settle();
      for (Future<Reply> ask : asks) {
        assertAnswered(ask.get());
      }
    }

    private void happen(Event one, Event other, ExecutorService callers) throws Exception {
      CountDownLatch gate = new CountDownLatch(1);
      List<Future<?>> both =
          List.of(
              callers.submit(() -> released(gate, one, callers)),
              callers.submit(() -> released(gate, other, callers)));
      gate.countDown();
      for (Future<?> each : both) {
        each.get();
      }
    }

    private Void released(CountDownLatch gate, Event event, ExecutorService callers)
        throws InterruptedException {
      long delay = ThreadLocalRandom.current().nextLong(3_000_000);
      gate.await();
      LockSupport.parkNanos(delay);
      happen(event, callers);
      return null;
    }

    private void prepare() {
      switch (before) {
        case UNKNOWN -> {}
        case SUCCEEDED -> succeed();
        case FLAGGED -> {
          succeed();
          post("/rebuild", "key=" + key + "&by=before", 200);
        }
        case FIRST_RUNNING -> running();
        case REBUILDING -> {
          succeed();
          post("/rebuild", "key=" + key, 200);
          running();
        }
        case MARKED -> marked();
        case BEHIND_MARKED -> {
          marked();
          post("/builds/" + key, "builder=" + builder, 202);
        }
        case FOLLOWED -> {
          running();
          post("/rebuild", "key=" + key + "&whileBuilding=again&by=before", 200);
        }
      }
    }

    private void running() {
      post("/builds/" + key, "builder=" + builder, 202);
      Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> runners.running(key) > 0);
    }

    private void succeed() {
      running();
      runners.exit(key, 0);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(2))
          .until(
              () -> client.get("/builds/" + key).text().contains("\"status\":\"succeeded\",\"rev"));
    }

    private void marked() {
      running();
      runners.stubborn(key, true);
      post("/builds/" + key + "/cancel", "", 202);
    }

    private void happen(Event event, ExecutorService callers) {
      switch (event) {
        case ASK -> asks.add(callers.submit(() -> patiently(this::ask)));
        case PUBLISH -> runners.exit(key, number % 2);
        case REBUILD -> post("/rebuild", "key=" + key, 200, 404);
        case AGAIN -> post("/rebuild", "key=" + key + "&whileBuilding=again&by=me", 200, 404);
        case CANCEL -> post("/builds/" + key + "/cancel", "by=me&why=because", 202, 404, 409);
        case EXPIRE -> Transactions.work(this::expire);
        case RETRY -> runners.lose(key);
        case LAPSE -> Transactions.work(this::lapse);
        case DELETE ->
            assertThat(patiently(() -> client.delete("/builds/" + key)).status())
                .isIn(204, 404, 409);
        case FORGET -> Transactions.work(this::forget);
        case BUILDER_CHANGE -> changeBuilder(builder);
      }
    }

    private Reply ask() {
      String form = "builder=" + builder;
      return switch (number % 3) {
        case 0 -> client.form("/builds/" + key + "?wait=30", form);
        case 1 -> client.form("/builds/" + key + "?wait=30", form + "&maxAge=0");
        default -> client.form("/builds/" + key, form, "Accept", "text/plain");
      };
    }

    private void assertAnswered(Reply answer) {
      if (number % 3 == 2) {
        assertThat(answer.status()).isIn(200, 202);
        assertThat(answer.text())
            .containsPattern("\nbuildonce: (succeeded in|failed|cancelled|lost).*\n$");
      } else {
        assertThat(answer.status()).as(answer.text()).isIn(200, 424);
      }
    }

    /** The outcome is older than its builder allows. */
    private void expire() {
      jdbc.sql(
              """
              UPDATE attempts SET finished_at = finished_at - interval '1 hour'
              FROM builds WHERE builds.key = :key AND build_id = builds.id AND number = outcome
              """)
          .param("key", key)
          .update();
      jdbc.sql("UPDATE revisions SET edits = edits + 1").update();
    }

    /** Nobody asked for the key in half a year, until this moment maybe. */
    private void forget() {
      uses.store();
      jdbc.sql("UPDATE builds SET used_at = used_at - interval '181 days' WHERE key = :key")
          .param("key", key)
          .update();
      retention.sweep(() -> true);
    }

    /** Another replica took the lease, and was never heard of again. */
    private void lapse() {
      jdbc.sql(
              """
              UPDATE leases SET holder = gen_random_uuid(), home = gen_random_uuid(), fence = fence + 1,
                expires_at = clock_timestamp() - interval '1 s'
              WHERE attempt_id IN (
                SELECT attempt_id FROM leases JOIN builds ON build_id = builds.id
                WHERE key = :key AND holder IS NOT NULL ORDER BY attempt_id FOR UPDATE OF leases)
              """)
          .param("key", key)
          .update();
      runners.lose(key);
    }

    private void post(String path, String form, Integer... expected) {
      Reply reply = patiently(() -> client.form(path, form));
      assertThat(reply.status())
          .as("%s %s: %s", path, form, reply.text())
          .isIn((Object[]) expected);
    }

    /** Has all come to its end, and nothing wait for its time. */
    private void settle() {
      runners.stubborn(key, false);
      Awaitility.await()
          .atMost(Duration.ofSeconds(25))
          .pollInterval(Duration.ofMillis(50))
          // A machine that pauses for seconds has statements time out, these as any other.
          .ignoreExceptionsMatching(Unavailable::isCauseOf)
          .until(
              () -> {
                runners.exit(key, 0);
                int waiting = Transactions.work(this::hasten);
                if (waiting > 0) {
                  events.publishEvent(new AttemptQueued(0));
                  events.publishEvent(new AttemptCancelled(0));
                }
                return waiting == 0 && asks.stream().allMatch(Future::isDone);
              });
    }

    /** Has nothing wait for its time; how many attempts have not ended. */
    private int hasten() {
      jdbc.sql(
              """
              UPDATE leases SET not_before = clock_timestamp() WHERE attempt_id IN (
                SELECT attempt_id FROM leases JOIN builds ON build_id = builds.id
                WHERE key = :key ORDER BY attempt_id FOR UPDATE OF leases)
              """)
          .param("key", key)
          .update();
      // Not what was updated: that misses a lease which took the place of another meanwhile.
      return jdbc.sql(
              "SELECT count(*) FROM leases JOIN builds ON build_id = builds.id WHERE key = :key")
          .param("key", key)
          .query(Integer.class)
          .single();
    }
  }
}
