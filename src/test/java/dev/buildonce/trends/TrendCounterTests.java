package dev.buildonce.trends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildonce.TestDatabase;
import dev.buildonce.database.Transactions;
import dev.buildonce.trends.TrendCounter.End;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** What was counted is stored once, by all replicas together. Time passes by shifting rows. */
class TrendCounterTests {

  private static final long MOMENT = Duration.ofSeconds(2).toNanos();

  private final TestDatabase database = TestDatabase.migrated();
  private final TrendTable table = new TrendTable(database.jdbc());
  private final AtomicBoolean refuseCommit = new AtomicBoolean();
  private final TrendCounter here = new TrendCounter(table, new Transactions(new Refusing()));
  private final TrendCounter elsewhere = new TrendCounter(table, database.transactions());

  /** What is counted in one hour and looked up in the next is not where a test looks. */
  @BeforeEach
  void keepClearOfTheEndOfAnHour() {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            database
                    .jdbc()
                    .sql(
                        """
                    SELECT date_trunc('hour', clock_timestamp() + interval '30 s', 'UTC')
                         = date_trunc('hour', clock_timestamp(), 'UTC')
                    """)
                    .query(Boolean.class)
                ::single);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  /** Rolls back where it was to commit, as with a connection that is lost before. */
  private final class Refusing extends DataSourceTransactionManager {
    Refusing() {
      super(database.dataSource());
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
      if (refuseCommit.getAndSet(false)) {
        super.doRollback(status);
        throw new TransactionSystemException("The connection was lost");
      }
      super.doCommit(status);
    }
  }

  @Test
  void whatReplicasCountedIsAddedUp() {
    here.start("b");
    here.waited("b", Duration.ofMillis(20));
    here.ended("b", End.SUCCEEDED, Duration.ofSeconds(5));
    elsewhere.hit("b", Duration.ofSeconds(5));
    elsewhere.join("b", Duration.ofSeconds(2));
    elsewhere.ended("b", End.FAILED, Duration.ofSeconds(1));
    elsewhere.ended("b", End.OTHERWISE, Duration.ofHours(1));
    elsewhere.hit("other", null);
    here.store();
    elsewhere.store();
    here.store();

    Stretch hour = now("b");

    assertThat(List.of(hour.hits(), hour.joins(), hour.starts())).containsExactly(1L, 1L, 1L);
    assertThat(hour.saved()).isEqualTo(Duration.ofSeconds(7));
    assertThat(List.of(hour.succeeded(), hour.failed(), hour.otherwise()))
        .containsExactly(1L, 1L, 1L);
    assertThat(hour.queue().count()).isOne();
    assertThat(hour.run().count()).isEqualTo(2);
    assertThat(hour.run().percentile(1).toMillis()).isBetween(4_500L, 5_500L);
    assertThat(now(null).asks()).isEqualTo(4);
    assertThat(now("none").asks()).isZero();
  }

  @Test
  void storeThatFailsIsMadeUpForAndCountsNothingTwice() {
    here.hit("b", Duration.ofSeconds(1));
    here.store();
    here.hit("b", Duration.ofSeconds(1));
    here.ended("b", End.FAILED, Duration.ofSeconds(1));
    refuseCommit.set(true);

    assertThatThrownBy(here::store).isInstanceOf(TransactionSystemException.class);
    assertThat(now("b").hits()).isOne();
    here.hit("b", Duration.ofSeconds(1));
    here.store();
    here.store();

    assertThat(now("b").hits()).isEqualTo(3);
    assertThat(now("b").saved()).isEqualTo(Duration.ofSeconds(3));
    assertThat(now("b").run().count()).isOne();
  }

  @Test
  void countsOfManyThreadsAreAllThereWhileTheyAreStored() {
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(
                _ ->
                    Thread.ofVirtual()
                        .start(
                            () ->
                                LongStream.range(0, 20_000)
                                    .forEach(i -> here.hit("b" + i % 3, Duration.ofMillis(1)))))
            .toList();

    while (threads.stream().anyMatch(Thread::isAlive)) {
      here.store();
    }
    here.store();

    assertThat(now(null).hits()).isEqualTo(80_000);
    assertThat(now(null).saved()).isEqualTo(Duration.ofSeconds(80));
  }

  @Test
  void moreBuildersThanAStatementTakesAreAllStored() {
    IntStream.range(0, 1_234).forEach(i -> here.start("b" + i));

    here.store();

    assertThat(now(null).starts()).isEqualTo(1_234);
  }

  @Test
  void hoursFollowEachOtherWithoutGap() {
    here.hit("b", null);
    here.ended("b", End.SUCCEEDED, Duration.ofSeconds(3));
    here.store();
    shift("2 hours");
    here.join("b", null);
    here.store();

    List<Stretch> hours = table.hours(null, 4);

    assertThat(hours).extracting(Stretch::asks).containsExactly(0L, 1L, 0L, 1L);
    assertThat(hours).extracting(Stretch::outcomes).containsExactly(0L, 1L, 0L, 0L);
    assertThat(hours.get(1).run().count()).isOne();
    assertThat(Duration.between(hours.getFirst().from(), hours.getLast().from()))
        .isEqualTo(Duration.ofHours(3));
    assertThat(table.hours(null, 2)).extracting(Stretch::asks).containsExactly(0L, 1L);
    Stretch whole = Stretch.whole(hours);
    assertThat(whole.from()).isEqualTo(hours.getFirst().from());
    assertThat(List.of(whole.hits(), whole.joins(), whole.succeeded(), whole.run().count()))
        .containsExactly(1L, 1L, 1L, 1L);
  }

  @Test
  void oldHoursAreForgotten() {
    here.ended("b", End.SUCCEEDED, Duration.ofSeconds(3));
    here.store();
    shift("31 days");
    here.hit("b", null);
    here.store();
    TrendKeeping keeping =
        new TrendKeeping(
            here,
            table,
            database.transactions(),
            new TrendProperties(Duration.ofDays(30)),
            new SimpleMeterRegistry());

    keeping.forget();

    assertThat(rows("trend_hours")).isOne();
    assertThat(rows("trend_times")).isZero();
    assertThat(now("b").hits()).isOne();
  }

  @Test
  void whatIsReadTwiceInAMomentIsReadOnce() {
    Trends trends;
    List<Stretch> first;
    List<Stretch> again;
    int hits = 0;
    long before;
    do { // until the machine lets all of it happen in a moment
      trends = new Trends(table);
      before = System.nanoTime();
      first = trends.hours(null, 24);
      here.hit("b", null);
      here.store();
      again = trends.hours(null, 24);
      hits++;
    } while (System.nanoTime() - before > MOMENT && hits < 10);

    assertThat(again).isSameAs(first);
    assertThat(trends.hours("b", 24).getLast().hits()).isEqualTo(hits);
  }

  @Test
  void whatIsRememberedIsMadeUpWithWhatChanged() {
    Trends trends = new Trends(table);
    here.start("b");
    here.store();
    shift("5 hours");
    assertThat(trends.hours(null, 24)).extracting(Stretch::asks).endsWith(1L, 0L, 0L, 0L, 0L, 0L);
    here.hit("b", null);
    here.store();

    await().until(() -> trends.hours(null, 24).getLast().asks() == 1);

    assertThat(trends.hours(null, 24)).usingRecursiveComparison().isEqualTo(table.hours(null, 24));
    assertThat(Stretch.whole(trends.hours(null, 24)).asks()).isEqualTo(2);
  }

  private Stretch now(String builder) {
    return table.hours(builder, 1).getFirst();
  }

  private void shift(String time) {
    for (String each : List.of("trend_hours", "trend_times")) {
      database.jdbc().sql("UPDATE " + each + " SET hour = hour - interval '" + time + "'").update();
    }
  }

  private long rows(String name) {
    return database.jdbc().sql("SELECT count(*) FROM " + name).query(Long.class).single();
  }
}
