package dev.buildonce.trends;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class SpreadTests {

  @Test
  void percentilesAreRightToATenth() {
    Spread spread = spread(LongStream.rangeClosed(1, 1000).map(i -> i * 37));

    assertThat(spread.count()).isEqualTo(1000);
    assertThat(spread.percentile(0.5).toMillis()).isCloseTo(18_500, Percentage.withPercentage(10));
    assertThat(spread.percentile(0.9).toMillis()).isCloseTo(33_300, Percentage.withPercentage(10));
  }

  @Test
  void oneIsAllOfItsPercentiles() {
    for (long millis : new long[] {1, 2, 3, 99, 5_000, 3_600_000, 86_400_000}) {
      Spread spread = spread(LongStream.of(millis));
      for (double part : new double[] {0.001, 0.5, 0.9, 1}) {
        assertThat(spread.percentile(part).toMillis())
            .isCloseTo(millis, Percentage.withPercentage(millis < 5 ? 20 : 10));
      }
    }
  }

  @Test
  void nothingHasNoPercentileAndNoTimeIsZero() {
    assertThat(Spread.NONE.percentile(0.5)).isNull();
    assertThat(spread(LongStream.of(0)).percentile(0.5)).isEqualTo(Duration.ZERO);
    assertThat(Spread.bucket(Duration.ofSeconds(-1))).isZero();
    assertThat(Spread.bucket(Duration.ofDays(10_000))).isEqualTo(Spread.BUCKETS - 1);
  }

  @Test
  void sumHasAllOfBoth() {
    Spread sum = spread(LongStream.of(10, 10, 10)).plus(spread(LongStream.of(1000)));

    assertThat(sum.count()).isEqualTo(4);
    assertThat(sum.percentile(0.75).toMillis()).isBetween(9L, 11L);
    assertThat(sum.percentile(1).toMillis()).isBetween(900L, 1100L);
  }

  private static Spread spread(LongStream millis) {
    long[] counts = new long[Spread.BUCKETS];
    millis.forEach(each -> counts[Spread.bucket(Duration.ofMillis(each))]++);
    return Spread.of(counts);
  }
}
