package dev.buildonce.builders;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which definition of a builder: a digest of all in it that a build's outcome may depend on, that
 * is command, env, env-pass, params and caches.
 *
 * @param value {@code sha256:} and 64 hex digits
 */
public record BuilderVersion(String value) {

  static BuilderVersion of(
      List<Template> command,
      Map<String, Variable> env,
      Set<String> envPass,
      Map<String, Param> params,
      List<CacheDirectory> caches) {
    var canonical = new Canonical("builder 1");
    canonical.count(command.size());
    command.forEach(argument -> canonical.add(argument.source()));
    canonical.count(env.size());
    new TreeMap<>(env).forEach((name, variable) -> addVariable(canonical.add(name), variable));
    canonical.count(envPass.size());
    new TreeSet<>(envPass).forEach(canonical::add);
    canonical.count(params.size());
    new TreeMap<>(params).forEach((name, param) -> addParam(canonical.add(name), param));
    canonical.count(caches.size());
    caches.stream()
        .sorted(Comparator.comparing(CacheDirectory::name))
        .forEach(cache -> canonical.add(cache.name()).add(cache.path()));
    return new BuilderVersion(canonical.digest());
  }

  /** Of a secret it is the place that counts: a renewed token makes no outcome stale. */
  private static void addVariable(Canonical canonical, Variable variable) {
    switch (variable) {
      case Variable.Fixed(String value) -> canonical.add("value").add(value);
      case Variable.SecretFile(var file) -> canonical.add("file").add(file.toString());
    }
  }

  private static void addParam(Canonical canonical, Param param) {
    canonical
        .add(param.secret() ? null : param.defaultValue())
        .add(param.pattern() == null ? null : param.pattern().pattern())
        .add(param.secret() ? "secret" : param.input() ? "input" : "extra");
  }

  @Override
  public String toString() {
    return value;
  }
}
