package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.TestBuilders;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.builds.Model.Told;
import dev.buildonce.builds.Rebuilds.Result;
import dev.buildonce.builds.Rebuilds.Selection;
import dev.buildonce.builds.Rebuilds.Wish;
import dev.buildonce.leases.Lease;
import dev.buildonce.leases.Leases;
import dev.buildonce.problems.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Whatever is done to a key one after the other, it stands as the contract says: what the service
 * keeps in tables is compared with a small model after every step. The seed of a run is printed; a
 * sequence that fails is shrunk to one that cannot do without any of its steps.
 */
class ModelTests {
  private static final UUID HOLDER = UUID.randomUUID();
  private static final UUID HOME = UUID.randomUUID();
  private static final Duration TERM = Duration.ofMinutes(10);
  private static final AtomicInteger KEYS = new AtomicInteger();

  private static BuildsContext context;

  /** What is done. */
  enum Step {
    ASK,
    ASK_NO_CACHE,
    ASK_ONLY_IF_CACHED,
    RUN,
    SUCCEED,
    FAIL,
    TIME_OUT,
    ERR,
    LOSE,
    INTERRUPT,
    SWEEP,
    REBUILD,
    REBUILD_AND_BUILD,
    AGAIN,
    CANCEL,
    CANCEL_LATEST,
    CANCEL_OTHER,
    EXPIRE,
    CHANGE_BUILDER,
    DELETE,
    TRIM,
    FORGET
  }

  @BeforeContainer
  static void start() {
    context = new BuildsContext("buildonce.keep.attempts=" + Model.KEPT);
  }

  @AfterContainer
  static void stop() {
    List<String> broken = Invariants.broken(context.jdbc());
    context.close();
    assertThat(broken).isEmpty();
  }

  @Provide
  Arbitrary<List<Step>> sequences() {
    return Arbitraries.frequency(
            Tuple.of(8, Step.ASK),
            Tuple.of(2, Step.ASK_NO_CACHE),
            Tuple.of(1, Step.ASK_ONLY_IF_CACHED),
            Tuple.of(8, Step.RUN),
            Tuple.of(4, Step.SUCCEED),
            Tuple.of(2, Step.FAIL),
            Tuple.of(2, Step.TIME_OUT),
            Tuple.of(2, Step.ERR),
            Tuple.of(3, Step.LOSE),
            Tuple.of(2, Step.INTERRUPT),
            Tuple.of(3, Step.SWEEP),
            Tuple.of(3, Step.REBUILD),
            Tuple.of(1, Step.REBUILD_AND_BUILD),
            Tuple.of(4, Step.AGAIN),
            Tuple.of(6, Step.CANCEL),
            Tuple.of(1, Step.CANCEL_LATEST),
            Tuple.of(1, Step.CANCEL_OTHER),
            Tuple.of(1, Step.EXPIRE),
            Tuple.of(1, Step.CHANGE_BUILDER),
            Tuple.of(1, Step.DELETE),
            Tuple.of(2, Step.TRIM),
            Tuple.of(1, Step.FORGET))
        .list()
        .ofMinSize(1)
        .ofMaxSize(50);
  }

  @Property(tries = 300, shrinking = ShrinkingMode.FULL)
  void keyStandsAsTheContractSays(@ForAll("sequences") List<Step> steps) {
    Subject subject = new Subject("model-" + KEYS.incrementAndGet());
    for (int i = 0; i < steps.size(); i++) {
      subject.take(steps.get(i), i);
      subject.compare(steps.subList(0, i + 1));
    }
  }

  /** A key of the service, and what the model says of it. */
  private static final class Subject {
    private final Builds builds = context.get(Builds.class);
    private final Attempts attempts = context.get(Attempts.class);
    private final Leases leases = context.get(Leases.class);
    private final BuildKey key;
    private final String name;
    private final Model model = new Model();
    private final Ask plain;
    private @Nullable Lease held;

    Subject(String name) {
      this.name = name;
      this.key = new BuildKey(name);
      this.plain = ask(null, false);
      context.pool(name, 100);
      define();
    }

    private Ask ask(@Nullable Duration maxAge, boolean onlyIfCached) {
      return new Ask(name, Map.of(), null, null, null, null, "tests", maxAge, null, onlyIfCached);
    }

    /** A builder and a pool of its own, so that nothing is left of a sequence that failed. */
    private void define() {
      TestBuilders.replace(
          context.builders(),
          List.of(
              Builder.parse(
                  name,
                  """
                  command: [never, run]
                  pool: %s
                  retries: %d
                  success-max-age: 30m
                  failure-max-age: 30m
                  env: {VERSION: "%d"}
                  """
                      .formatted(name, Model.RETRIES, model.version))));
    }

    void take(Step step, int at) {
      String by = "step " + at;
      switch (step) {
        case ASK -> assertThat(told(plain)).isEqualTo(model.ask(false, false));
        case ASK_NO_CACHE ->
            assertThat(told(ask(Duration.ZERO, false))).isEqualTo(model.ask(true, false));
        case ASK_ONLY_IF_CACHED ->
            assertThat(told(ask(null, true))).isEqualTo(model.ask(false, true));
        case RUN -> assertThat(run()).isEqualTo(model.run());
        case SUCCEED -> end(AttemptEnd.succeeded(null));
        case FAIL -> end(AttemptEnd.failed(1, "no", null));
        case TIME_OUT -> end(AttemptEnd.timedOut("slow"));
        case ERR -> end(AttemptEnd.errored(75, "no verdict", Retry.NO));
        case LOSE -> end(AttemptEnd.lost("gone", Retry.COUNTED));
        case INTERRUPT -> end(AttemptEnd.lost("stopped", Retry.NOT_COUNTED));
        case SWEEP -> sweep();
        case REBUILD -> assertThat(rebuild(by, false, false)).isEqualTo(model.rebuild(by, false));
        case REBUILD_AND_BUILD -> {
          assertThat(rebuild(by, false, true)).isEqualTo(model.rebuild(by, false));
          if (model.known && model.active() == null) {
            model.ask(false, false);
          }
        }
        case AGAIN -> assertThat(rebuild(by, true, false)).isEqualTo(model.rebuild(by, true));
        case CANCEL -> assertThat(cancel(null)).isEqualTo(model.cancel(null));
        case CANCEL_LATEST ->
            assertThat(cancel(model.latest)).isEqualTo(model.cancel(model.latest));
        case CANCEL_OTHER ->
            assertThat(cancel(model.latest - 1)).isEqualTo(model.cancel(model.latest - 1));
        case EXPIRE -> expire();
        case CHANGE_BUILDER -> {
          model.version++;
          define();
        }
        case DELETE ->
            assertThat(
                    outcomeOf(
                        () -> {
                          context.get(Removals.class).remove(key);
                          return "removed";
                        }))
                .isEqualTo(model.delete());
        case TRIM -> {
          context.get(Retention.class).sweep(() -> true);
          model.trim();
        }
        case FORGET -> {
          forget();
          model.forget();
        }
      }
    }

    private Told told(Ask ask) {
      try {
        return switch (builds.ask(key, ask)) {
          case Answer.Hit _ -> new Told("hit", null);
          case Answer.Joined(_, var cause) -> new Told("joined", cause);
          case Answer.Started(_, var cause) -> new Told("started", cause);
        };
      } catch (NotCached e) {
        return new Told("not cached", null);
      }
    }

    private boolean run() {
      context
          .jdbc()
          .sql("UPDATE leases SET not_before = clock_timestamp() WHERE pool = :pool")
          .param("pool", name)
          .update();
      List<Lease> picked = leases.pick(name, 5, HOLDER, HOME, TERM);
      if (picked.isEmpty()) {
        return false;
      }
      assertThat(picked).hasSize(1);
      held = picked.getFirst();
      assertThat(attempts.carry(held)).isPresent();
      return attempts.run(held, context.builders().find(name).orElseThrow(), HOME, null);
    }

    private void end(AttemptEnd end) {
      assertThat(held != null).isEqualTo(model.running() != null);
      if (held != null) {
        assertThat(attempts.publish(held, end)).isTrue();
        held = null;
      }
      model.end(end);
    }

    private void sweep() {
      List<Long> carried = held == null ? List.of() : List.of(held.attemptId());
      for (Lease lease : leases.takeAbandoned(HOLDER, HOME, TERM, carried, 100)) {
        attempts.carry(lease);
        attempts.publish(lease, AttemptEnd.cancelled("Cancelled while it was queued"));
      }
      model.sweep();
    }

    private Result rebuild(String by, boolean again, boolean build) {
      Selection selection = new Selection(Set.of(name), null, null, null, null, null, null, null);
      Wish wish = new Wish(by, null, false, build, again, "tests");
      return context.get(Rebuilds.class).request(selection, wish, null).results().get(name);
    }

    private String cancel(@Nullable Integer number) {
      return outcomeOf(
          () -> {
            context.get(Cancels.class).cancel(key, number, null, null);
            return "cancelled";
          });
    }

    /** Nobody asked for the key in half a year; what is under way then is of use again after. */
    private void forget() {
      context.get(Uses.class).store();
      use("- interval '181 days'");
      context.get(Retention.class).sweep(() -> true);
      use("+ interval '181 days'");
    }

    private void use(String shift) {
      context
          .jdbc()
          .sql("UPDATE builds SET used_at = used_at " + shift + " WHERE key = :key")
          .param("key", name)
          .update();
    }

    private static String outcomeOf(Supplier<String> call) {
      try {
        return call.get();
      } catch (Problem e) {
        return e.getClass().getSimpleName();
      }
    }

    private void expire() {
      context
          .jdbc()
          .sql(
              """
              UPDATE attempts SET finished_at = finished_at - interval '1 hour'
              FROM builds WHERE builds.key = :key AND build_id = builds.id AND number = outcome
              """)
          .param("key", name)
          .update();
      context.jdbc().sql("UPDATE revisions SET edits = edits + 1").update();
      model.expired = model.outcome != null;
    }

    void compare(List<Step> done) {
      Build build = builds.find(key).orElse(null);
      assertThat(build != null).as("known after %s", done).isEqualTo(model.known);
      long changes =
          context
              .jdbc()
              .sql("SELECT count(*) FROM changes WHERE key = :key")
              .param("key", name)
              .query(Long.class)
              .single();
      assertThat(changes).as("changes after %s", done).isEqualTo(model.changes);
      Heads heads = context.get(Heads.class);
      Build kept = heads.kept(Set.of(key)).get(key);
      Build told = kept != null ? kept : heads.load(Set.of(key), _ -> read()).get(key);
      assertThat(told == null ? null : told.readAt(Instant.EPOCH))
          .as("from memory after %s", done)
          .isEqualTo(build == null ? null : read().get(key).readAt(Instant.EPOCH));
      if (build == null) {
        return;
      }
      assertThat(shown(build)).as("after %s", done).isEqualTo(shown());
      assertThat(builds.attempts(build, Integer.MAX_VALUE, 100).stream().map(Subject::shown))
          .as("attempts after %s", done)
          .containsExactlyElementsOf(model.tries.reversed().stream().map(this::shown).toList());
    }

    private Map<BuildKey, Build> read() {
      return context.get(BuildTable.class).find(key).stream()
          .collect(Collectors.toMap(Build::key, Function.identity()));
    }

    private static String shown(Build build) {
      return "%s attempt=%s outcome=%s flag=%s again=%s"
          .formatted(
              build.status(),
              build.attempt() == null ? null : build.attempt().number(),
              build.outcome() == null ? null : build.outcome().number(),
              build.rebuild() == null ? null : build.rebuild().by(),
              build.again());
    }

    private String shown() {
      return "%s attempt=%s outcome=%s flag=%s again=%s"
          .formatted(
              model.status(),
              model.tries.isEmpty() ? null : model.tries.getLast().number,
              model.outcome == null ? null : model.outcome.number,
              model.flaggedBy,
              model.againBy != null);
    }

    private static String shown(Attempt attempt) {
      return "%d %s %s retry=%d marked=%s next=%s"
          .formatted(
              attempt.number(),
              attempt.status(),
              attempt.reason(),
              attempt.retry(),
              attempt.cancelledAt() != null,
              attempt.next());
    }

    private String shown(Model.Try attempt) {
      return "%d %s %s retry=%d marked=%s next=%s"
          .formatted(
              attempt.number,
              attempt.status,
              attempt.reason,
              attempt.retry,
              attempt.marked,
              attempt.next);
    }
  }
}
