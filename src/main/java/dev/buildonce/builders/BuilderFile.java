package dev.buildonce.builders;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Reads one builder file. What it does not know or cannot use is an error, never passed over. */
final class BuilderFile {

  static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

  private static final List<String> FIELDS =
      List.of(
          "command",
          "title",
          "params",
          "env",
          "env-pass",
          "caches",
          "pool",
          "timeout",
          "grace",
          "retries",
          "not-cached-exit-codes",
          "success-max-age",
          "failure-max-age",
          "on-change",
          "log-limit",
          "error-patterns");
  private static final List<String> PARAM = List.of("default", "pattern", "input", "secret");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
  private static final Pattern POOL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern OURS = Pattern.compile("(BUILD|PARAM)_.*");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private final FieldReader fields;

  private BuilderFile(FieldReader fields) {
    this.fields = fields;
  }

  static Builder parse(String name, String yaml) throws BadBuilderFile {
    if (!NAME.matcher(name).matches()) {
      throw new BadBuilderFile(
          "a builder's name is lower case letters, digits, '.', '_' and '-', the first a letter or digit");
    }
    return new BuilderFile(FieldReader.of(Yaml.read(yaml), "a builder", FIELDS)).builder(name);
  }

  private Builder builder(String name) throws BadBuilderFile {
    Map<String, Param> params = params();
    List<Template> command = command(params);
    Map<String, Variable> env = env();
    Set<String> envPass = envPass();
    List<CacheDirectory> caches = CacheFields.read(fields);
    refuseHome(caches, env, envPass);
    return new Builder(
        name,
        BuilderVersion.of(command, env, envPass, params, caches),
        command,
        title(params),
        params,
        env,
        envPass,
        caches,
        pool(),
        fields.duration("timeout", SECOND, WEEK, Duration.ofHours(1)),
        fields.duration("grace", Duration.ZERO, Duration.ofHours(1), Duration.ofSeconds(10)),
        fields.integer("retries", 0, 100, 3),
        exitCodes(),
        fields.duration("success-max-age", SECOND, CENTURY),
        fields.duration("failure-max-age", SECOND, CENTURY),
        onChange(),
        fields.size("log-limit", DataSize.ofKilobytes(1), DataSize.ofTerabytes(1), "100MB"),
        ErrorPatternFields.read(fields));
  }

  private List<Template> command(Map<String, Param> params) throws BadBuilderFile {
    List<Template> command = new ArrayList<>();
    for (Yaml.Text argument : fields.texts("command")) {
      command.add(template(argument, params));
    }
    if (command.isEmpty()) {
      throw fields.bad("command", "is missing: a list, one element per argument");
    }
    return command;
  }

  private @Nullable Template title(Map<String, Param> params) throws BadBuilderFile {
    Yaml.Text title = fields.text("title");
    return title == null ? null : template(title, params);
  }

  private static Template template(Yaml.Text text, Map<String, Param> params)
      throws BadBuilderFile {
    refuseNul(text);
    Template template = Template.parse(text.value(), params.keySet(), text.line());
    for (String name : template.params()) {
      Param param = params.get(name);
      if (param != null && param.secret()) {
        // Everybody on the machine can see arguments.
        throw new BadBuilderFile(
            text.line(), "{" + name + "} is secret: take it from the variable PARAM_" + name);
      }
    }
    return template;
  }

  private Map<String, Param> params() throws BadBuilderFile {
    Map<String, Param> params = new LinkedHashMap<>();
    for (var entry : fields.map("params").entrySet()) {
      if (!VARIABLE.matcher(entry.getKey()).matches()) {
        throw new BadBuilderFile(
            entry.getValue().line(),
            "'" + entry.getKey() + "' is no name for a param: letters, digits and '_'");
      }
      params.put(entry.getKey(), param(FieldReader.of(entry.getValue(), "a param", PARAM)));
    }
    return params;
  }

  private static Param param(FieldReader fields) throws BadBuilderFile {
    boolean secret = fields.flag("secret", false);
    boolean input = fields.flag("input", !secret);
    if (secret && input) {
      throw fields.bad("input", "a secret is no input: a key names only what may be shown");
    }
    Yaml.Text expression = fields.text("pattern");
    Pattern pattern;
    try {
      pattern = expression == null ? null : Pattern.compile(expression.value());
    } catch (PatternSyntaxException e) {
      throw fields.bad("pattern", "is no regular expression: " + e.getDescription());
    }
    Yaml.Text value = fields.text("default");
    var param = new Param(value == null ? null : value.value(), pattern, input, secret);
    String unfit = value == null ? null : param.unfit(value.value());
    if (unfit != null) {
      throw fields.bad("default", unfit);
    }
    return param;
  }

  private Map<String, Variable> env() throws BadBuilderFile {
    Map<String, Variable> env = new LinkedHashMap<>();
    for (var entry : fields.map("env").entrySet()) {
      checkVariable(entry.getKey(), entry.getValue().line());
      env.put(entry.getKey(), variable(entry.getValue()));
    }
    return env;
  }

  private static Variable variable(Yaml.Node node) throws BadBuilderFile {
    if (node instanceof Yaml.Text text) {
      refuseNul(text);
      return new Variable.Fixed(text.value());
    }
    var fields = FieldReader.of(node, "a variable", List.of("file"));
    Yaml.Text file = fields.text("file");
    try {
      if (file != null && Path.of(file.value()).isAbsolute()) {
        return new Variable.SecretFile(Path.of(file.value()));
      }
    } catch (InvalidPathException e) {
      throw fields.bad("file", "is no path: " + e.getReason());
    }
    throw new BadBuilderFile(
        node.line(), "a variable is a text, or {file: /an/absolute/path} for a secret");
  }

  private Set<String> envPass() throws BadBuilderFile {
    Set<String> names = new LinkedHashSet<>();
    for (Yaml.Text name : fields.texts("env-pass")) {
      checkVariable(name.value(), name.line());
      names.add(name.value());
    }
    return names;
  }

  private static void checkVariable(String name, int line) throws BadBuilderFile {
    if (!VARIABLE.matcher(name).matches()) {
      throw new BadBuilderFile(line, "'" + name + "' is no name for a variable");
    }
    if (OURS.matcher(name).matches()) {
      throw new BadBuilderFile(line, name + ": names with BUILD_ and PARAM_ are the service's");
    }
  }

  private void refuseHome(
      List<CacheDirectory> caches, Map<String, Variable> env, Set<String> envPass)
      throws BadBuilderFile {
    if (!caches.isEmpty() && (env.containsKey("HOME") || envPass.contains("HOME"))) {
      throw fields.bad(
          "caches", "appear in the build's own HOME: leave HOME out of env and env-pass");
    }
  }

  private String pool() throws BadBuilderFile {
    Yaml.Text pool = fields.text("pool");
    if (pool != null && !POOL.matcher(pool.value()).matches()) {
      throw fields.bad("pool", "is letters, digits, '.', '_' and '-'");
    }
    return pool == null ? "local" : pool.value();
  }

  private Set<Integer> exitCodes() throws BadBuilderFile {
    if (!fields.has("not-cached-exit-codes")) {
      return Set.of(75);
    }
    Set<Integer> codes = new LinkedHashSet<>();
    for (Yaml.Text code : fields.texts("not-cached-exit-codes")) {
      if (!code.value().matches("\\d{1,3}") || code.value().equals("0")) {
        throw new BadBuilderFile(
            code.line(), "'" + code.value() + "' is no exit code from 1 to 255");
      }
      codes.add(Integer.valueOf(code.value()));
    }
    return codes;
  }

  private OnChange onChange() throws BadBuilderFile {
    Yaml.Text text = fields.text("on-change");
    return switch (text == null ? "rebuild" : text.value()) {
      case "rebuild" -> OnChange.REBUILD;
      case "keep" -> OnChange.KEEP;
      default -> throw fields.bad("on-change", "is rebuild or keep");
    };
  }

  private static void refuseNul(Yaml.Text text) throws BadBuilderFile {
    if (text.value().indexOf('\0') >= 0) {
      throw new BadBuilderFile(text.line(), "contains a NUL character");
    }
  }
}
