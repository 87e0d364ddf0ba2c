package dev.buildonce.trends;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The statements on counts by the hour. The hour is the database's, at the moment of the store. */
@Component
class TrendTable {
  private static final int PIECE = 5_000;

  private final JdbcClient jdbc;

  TrendTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Adds counts to those of this hour, in the caller's transaction; rows in order of builder. */
  void add(List<Tally.Unstored> counts) {
    List<Tally.Unstored> sorted =
        counts.stream().sorted(Comparator.comparing(Tally.Unstored::builder)).toList();
    addCounts(sorted);
    addTimes(sorted);
  }

  private void addCounts(List<Tally.Unstored> counts) {
    jdbc.sql(
            """
            WITH now AS MATERIALIZED (SELECT date_trunc('hour', clock_timestamp(), 'UTC') AS hour)
            INSERT INTO trend_hours AS kept
              (hour, builder, hits, joins, starts, saved_millis, succeeded, failed, otherwise)
            SELECT now.hour, counted.* FROM now,
              unnest(CAST(:builders AS text[]), CAST(:hits AS bigint[]), CAST(:joins AS bigint[]),
                CAST(:starts AS bigint[]), CAST(:saved AS bigint[]), CAST(:succeeded AS bigint[]),
                CAST(:failed AS bigint[]), CAST(:otherwise AS bigint[])) AS counted
            ON CONFLICT (hour, builder) DO UPDATE SET
              hits = kept.hits + excluded.hits,
              joins = kept.joins + excluded.joins,
              starts = kept.starts + excluded.starts,
              saved_millis = kept.saved_millis + excluded.saved_millis,
              succeeded = kept.succeeded + excluded.succeeded,
              failed = kept.failed + excluded.failed,
              otherwise = kept.otherwise + excluded.otherwise
            """)
        .param("builders", counts.stream().map(Tally.Unstored::builder).toArray(String[]::new))
        .param("hits", all(counts, each -> each.of(Tally.Count.HITS)))
        .param("joins", all(counts, each -> each.of(Tally.Count.JOINS)))
        .param("starts", all(counts, each -> each.of(Tally.Count.STARTS)))
        .param("saved", all(counts, each -> each.of(Tally.Count.SAVED_MILLIS)))
        .param("succeeded", all(counts, each -> each.of(Tally.Count.SUCCEEDED)))
        .param("failed", all(counts, each -> each.of(Tally.Count.FAILED)))
        .param("otherwise", all(counts, each -> each.of(Tally.Count.OTHERWISE)))
        .update();
  }

  private record Time(String builder, String kind, int bucket, long attempts) {}

  private void addTimes(List<Tally.Unstored> counts) {
    List<Time> times = new ArrayList<>();
    for (Tally.Unstored each : counts) {
      for (int bucket = 0; bucket < Spread.BUCKETS; bucket++) {
        times.add(new Time(each.builder(), "queue", bucket, each.queue(bucket)));
      }
      for (int bucket = 0; bucket < Spread.BUCKETS; bucket++) {
        times.add(new Time(each.builder(), "run", bucket, each.run(bucket)));
      }
    }
    times.removeIf(time -> time.attempts() == 0);
    if (times.isEmpty()) {
      return;
    }
    jdbc.sql(
            """
            WITH now AS MATERIALIZED (SELECT date_trunc('hour', clock_timestamp(), 'UTC') AS hour)
            INSERT INTO trend_times AS kept (hour, builder, kind, bucket, attempts)
            SELECT now.hour, counted.* FROM now,
              unnest(CAST(:builders AS text[]), CAST(:kinds AS text[]), CAST(:buckets AS integer[]),
                CAST(:attempts AS bigint[])) AS counted
            ON CONFLICT (hour, builder, kind, bucket) DO UPDATE SET attempts = kept.attempts + excluded.attempts
            """)
        .param("builders", times.stream().map(Time::builder).toArray(String[]::new))
        .param("kinds", times.stream().map(Time::kind).toArray(String[]::new))
        .param("buckets", times.stream().map(Time::bucket).toArray(Integer[]::new))
        .param("attempts", all(times, Time::attempts))
        .update();
  }

  private static <T> Long[] all(List<T> counts, ToLongFunction<T> which) {
    return counts.stream().mapToLong(which).boxed().toArray(Long[]::new);
  }

  /** The latest hours, the present one last, of one builder or of all. */
  List<Stretch> hours(@Nullable String builder, int hours) {
    Instant last =
        jdbc.sql("SELECT date_trunc('hour', clock_timestamp(), 'UTC')")
            .query(OffsetDateTime.class)
            .single()
            .toInstant();
    Instant first = last.minus(hours - 1, ChronoUnit.HOURS);
    Map<Instant, Spread> queue = times(builder, first, "queue");
    Map<Instant, Spread> run = times(builder, first, "run");
    Map<Instant, Stretch> counted = new HashMap<>();
    // The moment is handed in: only of one that it knows the planner sees how few rows are later.
    jdbc.sql(
            """
            SELECT hour, sum(hits) AS hits, sum(joins) AS joins, sum(starts) AS starts,
              sum(saved_millis) AS saved_millis, sum(succeeded) AS succeeded, sum(failed) AS failed,
              sum(otherwise) AS otherwise
            FROM trend_hours
            WHERE hour >= :first AND builder = coalesce(CAST(:builder AS text), builder)
            GROUP BY hour
            """)
        .param("builder", builder)
        .param("first", first.atOffset(ZoneOffset.UTC))
        .query(
            row -> {
              Instant hour = row.getObject("hour", OffsetDateTime.class).toInstant();
              counted.put(
                  hour,
                  new Stretch(
                      hour,
                      row.getLong("hits"),
                      row.getLong("joins"),
                      row.getLong("starts"),
                      Duration.ofMillis(row.getLong("saved_millis")),
                      row.getLong("succeeded"),
                      row.getLong("failed"),
                      row.getLong("otherwise"),
                      queue.getOrDefault(hour, Spread.NONE),
                      run.getOrDefault(hour, Spread.NONE)));
            });
    return Stream.iterate(first, hour -> hour.plus(1, ChronoUnit.HOURS))
        .limit(hours)
        .map(hour -> counted.getOrDefault(hour, Stretch.empty(hour)))
        .toList();
  }

  private Map<Instant, Spread> times(@Nullable String builder, Instant first, String kind) {
    Map<Instant, long[]> counts = new HashMap<>();
    jdbc.sql(
            """
            SELECT hour, bucket, sum(attempts) AS attempts FROM trend_times
            WHERE hour >= :first AND kind = :kind AND builder = coalesce(CAST(:builder AS text), builder)
            GROUP BY hour, bucket
            """)
        .param("builder", builder)
        .param("first", first.atOffset(ZoneOffset.UTC))
        .param("kind", kind)
        .query(
            row -> {
              Instant hour = row.getObject("hour", OffsetDateTime.class).toInstant();
              counts.computeIfAbsent(hour, _ -> new long[Spread.BUCKETS])[row.getInt("bucket")] =
                  row.getLong("attempts");
            });
    Map<Instant, Spread> spreads = new HashMap<>();
    counts.forEach((hour, each) -> spreads.put(hour, Spread.of(each)));
    return spreads;
  }

  /** Forgets some hours that are older than {@code keep}; in the caller's transaction. */
  int forget(Duration keep) {
    return forget("trend_hours", keep) + forget("trend_times", keep);
  }

  private int forget(String table, Duration keep) {
    return jdbc.sql(
            """
            DELETE FROM %1$s WHERE ctid IN (
              SELECT ctid FROM %1$s WHERE hour < (SELECT clock_timestamp() - make_interval(secs => :keep))
              ORDER BY hour LIMIT :piece FOR UPDATE SKIP LOCKED)
            """
                .formatted(table))
        .param("keep", keep.toMillis() / 1000.0)
        .param("piece", PIECE)
        .update();
  }
}
