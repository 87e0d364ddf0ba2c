package dev.buildonce.builders;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * How builds of one kind are run: a builder file that was read and found good.
 *
 * @param version which definition this is
 * @param command what is run, one element per argument
 * @param title what titles are made of; null: the command
 * @param params by name, in the order of the file
 * @param env environment variables by name, in the order of the file
 * @param envPass names of variables handed on from the service's own environment
 * @param caches directories kept between builds
 * @param pool where its builds run
 * @param timeout of a run, at most
 * @param grace between TERM and KILL
 * @param retries how often an attempt that ended without a verdict is repeated
 * @param notCachedExitCodes exit codes that are no verdict
 * @param successMaxAge how long a success answers; null: for ever
 * @param failureMaxAge how long a failure answers; null: for ever
 * @param onChange what becomes of outcomes when this definition changes
 * @param logLimit how much of a log is kept
 * @param errorPatterns what else is an error in a log, and what is none
 */
public record Builder(
    String name,
    BuilderVersion version,
    List<Template> command,
    @Nullable Template title,
    Map<String, Param> params,
    Map<String, Variable> env,
    Set<String> envPass,
    List<CacheDirectory> caches,
    String pool,
    Duration timeout,
    Duration grace,
    int retries,
    Set<Integer> notCachedExitCodes,
    @Nullable Duration successMaxAge,
    @Nullable Duration failureMaxAge,
    OnChange onChange,
    DataSize logLimit,
    List<ErrorPattern> errorPatterns) {

  /** Keeps copies. */
  public Builder {
    command = List.copyOf(command);
    params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    envPass = Set.copyOf(envPass);
    caches = List.copyOf(caches);
    notCachedExitCodes = Set.copyOf(notCachedExitCodes);
    errorPatterns = List.copyOf(errorPatterns);
  }

  /**
   * Reads a definition.
   *
   * @param yaml what a builder file holds
   * @throws IllegalArgumentException if it is no good: the message says where and why
   */
  public static Builder parse(String name, String yaml) {
    try {
      return BuilderFile.parse(name, yaml);
    } catch (BadBuilderFile e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Checks the params of an ask and fills in what it left out. A secret that is missing is no error
   * yet: without it what is there can be answered, and nothing started.
   *
   * @param given by name
   * @throws InvalidParams naming every one that is unknown, missing or unfit
   */
  public Params resolve(Map<String, String> given) {
    List<InvalidParams.Error> errors = new ArrayList<>();
    Map<String, String> inputs = new TreeMap<>();
    Map<String, String> extras = new TreeMap<>();
    Map<String, String> secrets = new TreeMap<>();
    Set<String> missing = new TreeSet<>();
    for (String name : given.keySet()) {
      if (!params.containsKey(name)) {
        errors.add(error(name, "builder " + this.name + " has no such param" + knownParams()));
      }
    }
    params.forEach(
        (name, param) -> {
          String value = given.getOrDefault(name, param.defaultValue());
          String unfit = value == null ? "is missing" : param.unfit(value);
          if (value == null && param.secret()) {
            missing.add(name);
          } else if (unfit != null || value == null) {
            errors.add(error(name, String.valueOf(unfit)));
          } else {
            (param.secret() ? secrets : param.input() ? inputs : extras).put(name, value);
          }
        });
    long bytes =
        Stream.of(inputs, extras, secrets)
            .flatMap(values -> values.values().stream())
            .mapToLong(Values::bytes)
            .sum();
    if (bytes > Values.ALL) {
      errors.add(
          new InvalidParams.Error(
              "params", "are %d bytes together, the limit is %d".formatted(bytes, Values.ALL)));
    }
    if (!errors.isEmpty()) {
      throw new InvalidParams(name, errors);
    }
    Set<String> defaulted =
        params.keySet().stream()
            .filter(name -> !given.containsKey(name))
            .collect(Collectors.toSet());
    return new Params(inputs, extras, secrets, defaulted, missing);
  }

  /**
   * The command of one build: each element of the definition is one argument, whatever the values.
   *
   * @param values of all params that are no secret, by name
   */
  public List<String> command(Map<String, String> values) {
    return command.stream().map(argument -> argument.fill(values)).toList();
  }

  /**
   * One line for people about one build, at most 200 characters: the first telling line of the
   * title's template, or of the command.
   *
   * @param values of all params that are no secret, by name
   */
  public String title(Map<String, String> values) {
    String text = title == null ? String.join(" ", command(values)) : title.fill(values);
    return Title.of(text, name);
  }

  /**
   * What the builder puts into the environment of one build: {@code env-pass}, over it {@code env},
   * and {@code PARAM_<name>}. Secrets are read now.
   *
   * @param service the service's own environment; null for what is not set
   * @throws UnreadableSecret if a secret's file cannot be read: trouble of ours, not of the build
   */
  public Environment environment(Params params, UnaryOperator<@Nullable String> service)
      throws UnreadableSecret {
    Map<String, String> variables = new TreeMap<>();
    List<String> secrets = new ArrayList<>();
    for (String name : envPass) {
      String value = service.apply(name);
      if (value != null) {
        variables.put(name, value);
      }
    }
    for (var entry : env.entrySet()) {
      switch (entry.getValue()) {
        case Variable.Fixed(String value) -> variables.put(entry.getKey(), value);
        case Variable.SecretFile secret -> {
          String value = secret.read(entry.getKey());
          variables.put(entry.getKey(), value);
          if (!value.isEmpty()) {
            secrets.add(value);
          }
        }
      }
    }
    params.shown().forEach((name, value) -> variables.put("PARAM_" + name, value));
    params.secrets().forEach((name, value) -> variables.put("PARAM_" + name, value));
    params.secrets().values().stream().filter(value -> !value.isEmpty()).forEach(secrets::add);
    return new Environment(variables, secrets);
  }

  private String knownParams() {
    return params.isEmpty() ? "" : "; it has " + String.join(", ", params.keySet());
  }

  private static InvalidParams.Error error(String param, String message) {
    String shown = param.length() > 100 ? param.substring(0, 100) + "…" : param;
    return new InvalidParams.Error("params." + shown, message);
  }
}
