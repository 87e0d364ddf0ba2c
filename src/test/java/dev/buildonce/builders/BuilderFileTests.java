package dev.buildonce.builders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.logs.LinePattern;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class BuilderFileTests {

  @Test
  void parseWhenOnlyCommandIsGivenTakesDefaults() {
    Builder builder = Builder.parse("make", "command: [make]");

    assertThat(builder.name()).isEqualTo("make");
    assertThat(builder.pool()).isEqualTo("local");
    assertThat(builder.timeout()).isEqualTo(Duration.ofHours(1));
    assertThat(builder.grace()).isEqualTo(Duration.ofSeconds(10));
    assertThat(builder.retries()).isEqualTo(3);
    assertThat(builder.notCachedExitCodes()).containsExactly(75);
    assertThat(builder.successMaxAge()).isNull();
    assertThat(builder.failureMaxAge()).isNull();
    assertThat(builder.onChange()).isEqualTo(OnChange.REBUILD);
    assertThat(builder.logLimit()).isEqualTo(DataSize.ofMegabytes(100));
    assertThat(builder.errorPatterns()).isEmpty();
  }

  @Test
  void parseWhenAllIsGivenTakesAll() {
    Builder builder =
        Builder.parse(
            "full.1",
            """
            command: [run, "{target}", "{{ {note} }}"]
            title: "Make {target}"
            params:
              target: {default: all, pattern: "[a-z]+"}
              note: {default: "", input: false}
            env:
              VERSION: 1.10
              MODE: 0755
              EMPTY: ""
              TOKEN: {file: /run/secrets/token}
            env-pass: [HTTPS_PROXY]
            caches: [{name: m2, path: .m2}]
            pool: big
            timeout: 10m
            grace: 90
            retries: 0
            not-cached-exit-codes: [75, 130]
            success-max-age: 180d
            failure-max-age: PT1H
            on-change: keep
            log-limit: 1MB
            error-patterns: [{pattern: 'BOOM \\d', score: 150}, {pattern: "^#", score: -1000}]
            """);

    assertThat(builder.params()).containsOnlyKeys("target", "note");
    assertThat(builder.params().get("target").input()).isTrue();
    assertThat(builder.params().get("note")).isEqualTo(new Param("", null, false, false));
    assertThat(builder.env())
        .containsEntry("VERSION", new Variable.Fixed("1.10"))
        .containsEntry("MODE", new Variable.Fixed("0755"))
        .containsEntry("EMPTY", new Variable.Fixed(""))
        .containsEntry("TOKEN", new Variable.SecretFile(Path.of("/run/secrets/token")));
    assertThat(builder.envPass()).containsExactly("HTTPS_PROXY");
    assertThat(builder.caches()).containsExactly(new CacheDirectory("m2", ".m2"));
    assertThat(builder.pool()).isEqualTo("big");
    assertThat(builder.timeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(builder.grace()).isEqualTo(Duration.ofSeconds(90));
    assertThat(builder.retries()).isZero();
    assertThat(builder.notCachedExitCodes()).containsExactlyInAnyOrder(75, 130);
    assertThat(builder.successMaxAge()).isEqualTo(Duration.ofDays(180));
    assertThat(builder.failureMaxAge()).isEqualTo(Duration.ofHours(1));
    assertThat(builder.onChange()).isEqualTo(OnChange.KEEP);
    assertThat(builder.logLimit()).isEqualTo(DataSize.ofMegabytes(1));
    assertThat(builder.errorPatterns())
        .containsExactly(
            new ErrorPattern(LinePattern.of("BOOM \\d"), 150),
            new ErrorPattern(LinePattern.of("^#"), -1000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          command: [x]\\ntiemout: 5      | line 2: a builder has no field 'tiemout'
          command: [x]\\ncommand: [y]    | line 2: 'command' is given twice
          command: [x, "{nope}"]        | line 1: {nope} names no param
          command: [x, "a } b"]         | line 1: a brace that is meant as such is written {{ or }}
          command: [x, "{a"]            | line 1: a brace
          command: x                    | line 1: command: is a list
          command: []                   | line 1: command: is missing
          title: x                      | line 1: command: is missing
          command: [[x]]                | line 1: command is a list of texts
          command: [x]\\nparams: {1a: {}} | line 2: '1a' is no name for a param
          command: [x]\\nparams: {a: {patern: x}} | a param has no field 'patern'
          command: [x]\\nparams: {a: {pattern: "("}} | pattern: is no regular expression
          command: [x]\\nparams: {a: {pattern: b, default: c}} | default: does not match b
          command: [x]\\nparams: {a: {secret: true, input: true}} | input: a secret is no input
          command: [x]\\nparams: {a: {secret: true, default: abc}} | default: has less than 4 bytes
          command: [x, "{a}"]\\nparams: {a: {secret: true}} | line 1: {a} is secret: take it from the variable PARAM_a
          command: [x]\\ntitle: "{a}"\\nparams: {a: {secret: true}} | line 2: {a} is secret
          command: [x]\\nparams: {a: {input: no}} | input: is true or false
          command: [x]\\nenv: {BUILD_KEY: x} | names with BUILD_ and PARAM_ are the service's
          command: [x]\\nenv: {A: {file: token}} | a variable is a text, or
          command: [x]\\nenv: {A: [b]}    | line 2: a variable is
          command: [x]\\nenv: {A: }       | line 2: a variable is
          command: [x]\\nenv-pass: [A-B]  | 'A-B' is no name for a variable
          command: [x]\\ncaches: [{name: a, path: ../b}] | path: is no path below
          command: [x]\\ncaches: [{name: a, path: /b}] | path: is no path below
          command: [x]\\ncaches: [{name: a}] | path: is missing
          command: [x]\\ncaches: [{name: A, path: b}] | name: is lower case
          command: [x]\\ncaches: [{name: ../a, path: b}] | name: is lower case
          command: [x]\\ncaches: [{name: a, path: b/../c}] | path: is no path below
          command: [x]\\ncaches: [{name: a, path: .}] | path: is no path below
          command: [x]\\ncaches: [{name: a, path: "b\\tc"}] | path: is no path below
          command: [x]\\ncaches: [{name: a, path: ~/.m2}] | path: is relative to HOME
          command: [x]\\ncaches: [{name: a, path: b}, {name: a, path: c}] | name: is given twice
          command: [x]\\ncaches: [{name: a, path: b}, {name: c, path: ./b/}] | within another, a
          command: [x]\\ncaches: [{name: a, path: b/c}, {name: c, path: b}] | within another, a
          command: [x]\\ncaches: [{name: a, path: b}]\\nenv: {HOME: /x} | appear in the build's own HOME
          command: [x]\\ncaches: [{name: a, path: b}]\\nenv-pass: [HOME] | appear in the build's own HOME
          command: [x]\\npool: ../p        | pool: is letters
          command: [x]\\nretries: -1      | retries: is a number from 0 to 100
          command: [x]\\ntimeout: 5 min   | timeout: is no duration
          command: [x]\\ntimeout: 0       | timeout: is from 1s to
          command: [x]\\nlog-limit: big   | log-limit: is a size
          command: [x]\\nerror-patterns: boom | line 2: error-patterns: is a list
          command: [x]\\nerror-patterns: [boom] | line 2: a pattern of error-patterns is a list of
          command: [x]\\nerror-patterns: [{regex: boom}] | a pattern of error-patterns has no field 'regex'
          command: [x]\\nerror-patterns: [{pattern: boom}] | line 2: error-patterns: score is missing
          command: [x]\\nerror-patterns: [{score: 1}] | line 2: error-patterns: pattern is missing
          command: [x]\\nerror-patterns: [{pattern: boom, score: 1001}] | error-patterns: score is a number from -1000 to 1000
          command: [x]\\nerror-patterns: [{pattern: boom, score: high}] | error-patterns: score is a number from -1000 to 1000
          command: [x]\\nerror-patterns: [{pattern: "boom(", score: 1}] | error-patterns: pattern is no pattern in RE2's syntax: missing closing )
          command: [x]\\nerror-patterns: [{pattern: "(?=boom)", score: 1}] | error-patterns: pattern is no pattern in RE2's syntax
          command: [x]\\nerror-patterns: [{pattern: "(boom{1000}){1000}", score: 1}] | error-patterns: pattern repeats too often
          command: [x]\\nerror-patterns: [{pattern: "", score: 1}] | error-patterns: pattern has 1 to 1000 characters
          command: [x]\\nerror-patterns: [{pattern: "[ab]+", score: 1}] | error-patterns: pattern needs a word of 3
          command: [x]\\nerror-patterns: [{pattern: ".*", score: 1}] | error-patterns: pattern needs a word of 3
          command: [x]\\non-change: maybe | on-change: is rebuild or keep
          command: [x]\\nnot-cached-exit-codes: [0] | '0' is no exit code
          command: &a [x]\\nenv-pass: *a  | line 2: aliases
          command: [x]\\n---\\ncommand: [y] | a file holds one document
          command: [x                   | line
          - command                     | line 1: a builder is a list of NAME: VALUE
          command: [!!binary eA==]      | line 1: tags
          """)
  void parseWhenFileIsBadSaysWhereAndWhy(String yaml, String problem) {
    assertThatThrownBy(() -> Builder.parse("b", yaml.replace("\\n", "\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void parseWhenErrorPatternsAreTooManyIsBad() {
    String patterns = "- {pattern: boom, score: 1}\n".repeat(21);

    assertThatThrownBy(() -> Builder.parse("b", "command: [x]\nerror-patterns:\n" + patterns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 23: error-patterns: are at most 20");
  }

  @Test
  void parseWhenNestedWithoutEndIsBad() {
    assertThatThrownBy(() -> Builder.parse("b", "command: " + "[".repeat(50_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"Upper", "-a", "''", "a/b", "a b"})
  void parseWhenNameIsUnfitIsBad(String name) {
    assertThatThrownBy(() -> Builder.parse(name, "command: [x]"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
