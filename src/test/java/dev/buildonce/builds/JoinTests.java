package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.TestBuilders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What joins change of the attempt that they join, and that others do not write. */
class JoinTests {
  private static final BuildsContext context = new BuildsContext();
  private final Builds builds = context.get(Builds.class);

  @BeforeAll
  static void addBuilder() {
    context.pool("local", 100);
    TestBuilders.replace(
        context.builders(),
        List.of(
            Builder.parse("shell", "command: [never, run]\nparams: {script: {}}\ntimeout: 1h\n")));
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private Answer ask(String key, @Nullable Integer priority, @Nullable Duration timeout) {
    return builds.ask(
        new BuildKey(key),
        new Ask(
            "shell",
            Map.of("script", "true"),
            null,
            null,
            priority,
            timeout,
            "me",
            null,
            null,
            false));
  }

  /** Priority, timeout and version of the row that holds them. */
  private String lease(Answer answer) {
    return context
        .jdbc()
        .sql(
            "SELECT concat_ws(' ', priority, timeout_millis / 1000, xmin) FROM leases WHERE build_id = :id")
        .param("id", answer.build().id())
        .query(String.class)
        .single();
  }

  @Test
  void joinWithoutWishesWantsTheDefaults() {
    Answer start = ask("low", -5, Duration.ofMinutes(1));
    String before = lease(start);

    Answer join = ask("low", null, null);

    assertThat(join).isInstanceOf(Answer.Joined.class);
    assertThat(before).startsWith("-5 60 ");
    assertThat(lease(start)).startsWith("0 3600 ");
  }

  @Test
  void joinThatRaisesNothingWritesNothing() {
    Answer start = ask("high", 7, null);
    String before = lease(start);

    ask("high", null, null);
    ask("high", 7, Duration.ofMinutes(5));
    ask("high", -100, Duration.ofHours(1));

    assertThat(lease(start)).isEqualTo(before);
  }

  @Test
  void joinRaisesToTheHighestAndLongestAsked() {
    Answer start = ask("raised", -10, Duration.ofMinutes(1));

    ask("raised", -3, Duration.ofSeconds(30));
    ask("raised", -7, Duration.ofMinutes(2));

    assertThat(lease(start)).startsWith("-3 120 ");
  }
}
