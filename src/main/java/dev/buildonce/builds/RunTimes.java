package dev.buildonce.builds;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How long successful attempts ran, and so how long the next may run. */
@Component
public final class RunTimes {
  /** Enough to be steady, few enough to be one short index read. */
  private static final int LATEST = 200;

  private final JdbcClient jdbc;

  RunTimes(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Percentiles of a builder's latest successful attempts.
   *
   * @param p50 half of them ran at most this long; null if there is none
   * @param p90 nine in ten ran at most this long; null if there is none
   */
  public record Percentiles(@Nullable Duration p50, @Nullable Duration p90) {}

  /** The run times of a builder. */
  public Percentiles of(String builder) {
    return jdbc.sql(
            """
            SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY millis) AS p50,
                   percentile_disc(0.9) WITHIN GROUP (ORDER BY millis) AS p90
            FROM (SELECT extract(epoch FROM finished_at - started_at) * 1000 AS millis
                  FROM attempts WHERE builder = :builder AND status = 'succeeded'
                  ORDER BY finished_at DESC LIMIT :latest) AS latest
            """)
        .param("builder", builder)
        .param("latest", LATEST)
        .query(
            (row, _) ->
                new Percentiles(millis(row.getBigDecimal("p50")), millis(row.getBigDecimal("p90"))))
        .single();
  }

  /**
   * How long the next attempt of a build may run: as long as its last success did, else as its
   * builder's do; null if nothing is known.
   */
  @Nullable Duration estimate(Build build) {
    Attempt outcome = build.outcome();
    if (outcome != null && outcome.status() == AttemptStatus.SUCCEEDED) {
      return outcome.runTime();
    }
    return of(build.builder()).p50();
  }

  private static @Nullable Duration millis(@Nullable BigDecimal millis) {
    return millis == null ? null : Duration.ofMillis(millis.longValue());
  }
}
