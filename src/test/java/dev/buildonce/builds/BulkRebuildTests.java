package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builds.Rebuilds.Report;
import dev.buildonce.builds.Rebuilds.Result;
import dev.buildonce.builds.Rebuilds.Selection;
import dev.buildonce.builds.Rebuilds.Wish;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rebuild requests for more builds than one call may look at. */
class BulkRebuildTests {
  private static final BuildsContext context = new BuildsContext();
  private final Rebuilds rebuilds = context.get(Rebuilds.class);

  /** Every seventh build is of another builder, so that stretches and pieces end unevenly. */
  @BeforeAll
  static void fill() {
    context
        .jdbc()
        .sql(
            """
            INSERT INTO builds (key, builder, params, input_digest, title, requester, status, changed_at, used_at)
            SELECT 'bulk-' || i, CASE WHEN i % 7 = 0 THEN 'other' ELSE 'shell' END, '{}', '', '', '', 'unbuilt', now(), now()
            FROM generate_series(1, 120000) AS i
            """)
        .update();
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static Selection of(String builder) {
    return new Selection(null, "bulk-", builder, null, null, null, null, null);
  }

  private static Wish wish(boolean dryRun) {
    return new Wish(null, null, dryRun, false, false, "me");
  }

  @Test
  void oneCallLooksAtExactlyTheMostAndTheNextGoesOnBehindThem() {
    for (boolean dryRun : new boolean[] {true, false}) {
      Report first = rebuilds.request(of("shell"), wish(dryRun), null);
      Report second = rebuilds.request(of("shell"), wish(dryRun), first.next());

      assertThat(first.counts()).isEqualTo(Map.of(Result.UNBUILT, 100_000L));
      assertThat(first.results()).hasSize(Rebuilds.SHOWN);
      assertThat(first.next()).isNotNull();
      assertThat(second.counts()).isEqualTo(Map.of(Result.UNBUILT, 120_000L - 17_142 - 100_000));
      assertThat(second.next()).isNull();
      assertThat(second.results()).doesNotContainKey(first.next());
    }
  }

  @Test
  void fewAmongManyAreFoundInOneCall() {
    Report report = rebuilds.request(of("other"), wish(false), null);

    assertThat(report.counts()).isEqualTo(Map.of(Result.UNBUILT, 17_142L));
    assertThat(report.next()).isNull();
  }
}
