package dev.buildonce.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** That the benchmark goes on working; what it measures on a busy machine is another matter. */
class BenchmarkIT {
  @Test
  void everySectionWorksInSmall() throws Exception {
    Table table = Benchmark.quick();

    assertThat(table.size()).isGreaterThan(20);
  }
}
