package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builders.InvalidParams;
import dev.buildonce.builders.Param;
import dev.buildonce.builders.Params;
import dev.buildonce.problems.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What an ask asks for: builder and params, given by it or repeated from what is known of its key.
 */
@Component
class Inputs {
  private final Builders builders;

  Inputs(Builders builders) {
    this.builders = builders;
  }

  /**
   * A checked ask.
   *
   * @param builder the name of the builder
   * @param definition the builder, or null if it is gone: then only what is cached can answer
   * @param inputs the params that the key names
   * @param extras the other params
   * @param secrets the secret params that were given, and nothing is to keep but memory
   * @param missing names of secret params without which nothing can be started
   * @param digest of builder and inputs
   * @param repeated whether the ask repeats what is known of its key
   */
  record Wanted(
      String builder,
      @Nullable Builder definition,
      Map<String, String> inputs,
      Map<String, String> extras,
      Map<String, String> secrets,
      Set<String> missing,
      String digest,
      boolean repeated) {

    static Wanted of(Builder builder, Params params, String digest, boolean repeated) {
      return new Wanted(
          builder.name(),
          builder,
          params.inputs(),
          params.extras(),
          params.givenSecrets(),
          params.missing(),
          digest,
          repeated);
    }

    /** What is known of a build whose builder is gone. */
    static Wanted of(Build known, boolean repeated) {
      return new Wanted(
          known.builder(),
          null,
          known.inputs(),
          known.extras(),
          Map.of(),
          Set.of(),
          known.inputDigest(),
          repeated);
    }

    /** Without params: they may be secret. */
    @Override
    public String toString() {
      return "Wanted[" + builder + " " + digest + "]";
    }
  }

  /**
   * Checks builder and params of an ask, and that they are those that the key names.
   *
   * @param known what is known of the key, or null
   * @throws UnknownBuild if the ask repeats what is not known
   * @throws InvalidBuild if builder or params cannot be built
   * @throws KeyConflict if the key names other inputs
   */
  Wanted check(BuildKey key, Ask ask, @Nullable Build known) {
    Wanted wanted = identify(key, ask, known);
    Builder builder = wanted.definition();
    if (builder != null
        && ask.timeout() != null
        && ask.timeout().compareTo(builder.timeout()) > 0) {
      throw InvalidBuild.of(
          "timeout", "is more than the builder's, at most " + builder.timeout().toSeconds() + "s");
    }
    return wanted;
  }

  /** The builder of that name, or null. */
  @Nullable Builder builder(String name) {
    return builders.find(name).orElse(null);
  }

  private Wanted identify(BuildKey key, Ask ask, @Nullable Build known) {
    String name = ask.builder();
    Map<String, String> given = ask.params() == null ? Map.of() : ask.params();
    if (name == null) {
      name = known == null ? builders.defaultName() : known.builder();
    }
    Builder builder = builders.find(name).orElse(null);
    if (builder == null && (known == null || !name.equals(known.builder()))) {
      if (known == null && ask.builder() == null && given.isEmpty()) {
        throw new UnknownBuild(key);
      }
      throw InvalidBuild.of("builder", "there is no builder " + name);
    }
    boolean repeated = ask.builder() == null && !hasInput(builder, given);
    if (repeated) {
      if (known == null && given.isEmpty()) {
        throw new UnknownBuild(key);
      }
      if (known != null) {
        return repeat(known, builder, given);
      }
    }
    if (builder == null) {
      return ofGoneBuilder(Objects.requireNonNull(known), given);
    }
    Params params = resolve(builder, given);
    String digest = digest(known, builder, params);
    if (known != null && !known.inputDigest().equals(digest)) {
      requireSame(known, builder, params);
    }
    return Wanted.of(builder, params, digest, false);
  }

  /** That of the same inputs is known, and most asks have these. */
  private static String digest(@Nullable Build known, Builder builder, Params params) {
    if (known != null
        && known.builder().equals(builder.name())
        && known.inputs().equals(params.inputs())) {
      return known.inputDigest();
    }
    return params.inputDigest(builder.name());
  }

  private static boolean hasInput(@Nullable Builder builder, Map<String, String> given) {
    return given.keySet().stream().anyMatch(param -> isInput(builder, param));
  }

  /** One that the builder does not know is treated like an input, so that it is refused. */
  private static boolean isInput(@Nullable Builder builder, String param) {
    Param known = builder == null ? null : builder.params().get(param);
    return known == null || known.input();
  }

  private static Params resolve(Builder builder, Map<String, String> given) {
    try {
      return builder.resolve(given);
    } catch (InvalidParams e) {
      throw new InvalidBuild(
          e.errors().stream()
              .map(error -> new FieldError(error.field(), error.message()))
              .toList());
    }
  }

  private static Wanted repeat(Build known, @Nullable Builder builder, Map<String, String> given) {
    if (builder == null) {
      return Wanted.of(known, true);
    }
    Map<String, String> all = new HashMap<>(known.inputs());
    all.putAll(known.extras());
    // What became a secret since is not repeated from what was kept before.
    all.keySet()
        .removeIf(param -> !builder.params().containsKey(param) || isSecret(builder, param));
    all.putAll(given);
    Params params = resolve(builder, all);
    return Wanted.of(builder, params, digest(known, builder, params), true);
  }

  /** The params of a build that may be shown: not those that became secrets since. */
  Map<String, String> shown(Build build) {
    Map<String, String> shown = new TreeMap<>(build.inputs());
    shown.putAll(build.extras());
    Builder builder = builder(build.builder());
    shown.keySet().removeIf(param -> isSecret(builder, param));
    return shown;
  }

  private static boolean isSecret(@Nullable Builder builder, String param) {
    Param known = builder == null ? null : builder.params().get(param);
    return known != null && known.secret();
  }

  /** Without a definition only what is the same by its letters can be told to be the same. */
  private static Wanted ofGoneBuilder(Build known, Map<String, String> given) {
    List<String> differing = new ArrayList<>();
    given.forEach(
        (param, value) -> {
          if (known.inputs().containsKey(param) && !value.equals(known.inputs().get(param))) {
            differing.add("params." + param);
          }
        });
    if (!differing.isEmpty()) {
      throw new KeyConflict(known, differing);
    }
    return Wanted.of(known, false);
  }

  private static void requireSame(Build known, Builder builder, Params params) {
    List<String> differing = new ArrayList<>();
    if (!known.builder().equals(builder.name())) {
      differing.add("builder");
    }
    params.differences(known.inputs()).forEach(param -> differing.add("params." + param));
    if (!differing.isEmpty()) {
      throw new KeyConflict(known, differing);
    }
  }
}
