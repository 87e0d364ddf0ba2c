package dev.buildonce.builders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuilderTests {

  private static final Builder DEPLOY =
      Builder.parse(
          "deploy",
          """
          command: [deploy, "{target}", "--note={note}", "{{raw}}"]
          params:
            target: {pattern: "[a-z]+"}
            region: {default: eu}
            note: {default: none, input: false}
          """);

  @Test
  void resolveFillsInDefaultsAndSplitsInputsFromExtras() {
    Params params = DEPLOY.resolve(Map.of("target", "web"));

    assertThat(params.inputs()).isEqualTo(Map.of("target", "web", "region", "eu"));
    assertThat(params.extras()).isEqualTo(Map.of("note", "none"));
    assertThat(params.defaulted()).containsExactlyInAnyOrder("region", "note");
    assertThat(params.shown()).containsOnlyKeys("note", "region", "target");
  }

  @Test
  void resolveWhenParamsDoNotFitNamesAllOfThem() {
    var refused =
        catchThrowableOfType(
            InvalidParams.class,
            () -> DEPLOY.resolve(Map.of("region", "a\0b", "note", "\uD800", "speed", "1")));

    assertThat(refused.errors())
        .extracting(InvalidParams.Error::field)
        .containsExactlyInAnyOrder("params.target", "params.region", "params.note", "params.speed");
  }

  @ParameterizedTest
  @CsvSource({"web1", "''", "'web\n'", "WEB"})
  void resolveWhenPatternDoesNotMatchTheWholeValueRefuses(String value) {
    assertThatThrownBy(() -> DEPLOY.resolve(Map.of("target", value)))
        .isInstanceOf(InvalidParams.class)
        .hasMessageContaining("does not match [a-z]+");
  }

  @Test
  void resolveKeepsToTheLimitsInBytes() {
    Builder shell = Builder.parse("b", "{command: [x], params: {a: {default: ''}}}");

    assertThat(shell.resolve(Map.of("a", "é".repeat(51_200))).inputs()).hasSize(1);
    assertThatThrownBy(() -> shell.resolve(Map.of("a", "é".repeat(51_200) + "x")))
        .isInstanceOf(InvalidParams.class)
        .hasMessageContaining("102401 bytes");
  }

  @Test
  void resolveWhenAllParamsTogetherAreTooLargeRefuses() {
    StringBuilder yaml = new StringBuilder("command: [x]\nparams:\n");
    for (int i = 0; i < 11; i++) {
      yaml.append("  p").append(i).append(": {default: ").append("x".repeat(100_000)).append("}\n");
    }
    Builder builder = Builder.parse("b", yaml.toString());

    assertThatThrownBy(() -> builder.resolve(Map.of()))
        .isInstanceOf(InvalidParams.class)
        .hasMessageContaining("1100000 bytes together");
  }

  @Test
  void resolveWhenPatternTakesTooLongRefusesSoon() {
    Builder builder =
        Builder.parse(
            "b",
            "{command: [x], params: {a: {pattern: '(a+)+b'}, b: {pattern: '(x|y)*', default: ''}}}");
    long begin = System.nanoTime();

    var refused =
        catchThrowableOfType(
            InvalidParams.class,
            () -> builder.resolve(Map.of("a", "a".repeat(5_000), "b", "x".repeat(100_000))));

    assertThat(refused.errors()).hasSizeGreaterThanOrEqualTo(1);
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(10);
  }

  @Test
  void commandKeepsEachElementOneArgumentAndSubstitutesOnce() {
    List<String> command = DEPLOY.command(Map.of("target", "a b; {note}", "note", "$(x) {target}"));

    assertThat(command).containsExactly("deploy", "a b; {note}", "--note=$(x) {target}", "{raw}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          make test                                    | make test
          #!/bin/sh\\n# tests\\nset -eu\\n\\n  make test \\nmore | make test
          setup.sh                                     | setup.sh
          set -e                                       | set -e
          # only a comment                             | # only a comment
          """)
  void titleIsTheFirstTellingLine(String script, String title) {
    Builder shell = Builder.parse("shell", "{command: [sh], title: '{s}', params: {s: {}}}");

    assertThat(shell.title(Map.of("s", script.translateEscapes()))).isEqualTo(title);
  }

  @Test
  void titleIsCutToWholePrintableCharacters() {
    Builder shell = Builder.parse("shell", "{command: [sh], title: '{s}', params: {s: {}}}");

    assertThat(shell.title(Map.of("s", "x".repeat(500)))).isEqualTo("x".repeat(200));
    assertThat(shell.title(Map.of("s", "x".repeat(199) + "😀"))).isEqualTo("x".repeat(199));
    assertThat(shell.title(Map.of("s", "a\tb\u0007c\u202e"))).isEqualTo("a b c");
    assertThat(shell.title(Map.of("s", "  \n"))).isEqualTo("shell");
  }

  @Test
  void titleWithoutTemplateIsTheCommand() {
    assertThat(DEPLOY.title(Map.of("target", "web", "note", "n")))
        .isEqualTo("deploy web --note=n {raw}");
  }

  @Test
  void environmentHoldsPassedGivenAndParams(@TempDir Path directory) throws Exception {
    Path token = Files.writeString(directory.resolve("token"), "s3cret\nline 2\n\n");
    Builder builder =
        Builder.parse(
            "b",
            """
            command: [x]
            params: {a: {}}
            env: {MODE: fast, TOKEN: {file: %s}, LANG: de}
            env-pass: [LANG, HTTPS_PROXY, UNSET]
            """
                .formatted(token));

    Environment environment =
        builder.environment(
            builder.resolve(Map.of("a", "1")),
            Map.of("LANG", "en", "HTTPS_PROXY", "p:1", "HOME", "/")::get);

    assertThat(environment.variables())
        .isEqualTo(
            Map.of(
                "MODE",
                "fast",
                "TOKEN",
                "s3cret\nline 2",
                "LANG",
                "de",
                "HTTPS_PROXY",
                "p:1",
                "PARAM_a",
                "1"));
    assertThat(environment.secrets()).containsExactly("s3cret\nline 2");
    assertThat(environment.toString()).doesNotContain("s3cret");
  }

  @Test
  void resolveKeepsSecretsApartAndMissesThemOnlyByName() throws Exception {
    Builder builder =
        Builder.parse(
            "b",
            """
            command: [x, "{a}"]
            params: {a: {}, token: {secret: true, pattern: '[a-z0-9]*'}, user: {secret: true, default: root}}
            """);

    Params without = builder.resolve(Map.of("a", "1"));
    Params with = builder.resolve(Map.of("a", "1", "token", "s3cret"));
    Environment environment = builder.environment(with, _ -> null);

    assertThat(without.missing()).containsExactly("token");
    assertThat(with.missing()).isEmpty();
    assertThat(with.shown()).isEqualTo(Map.of("a", "1"));
    assertThat(with.givenSecrets()).isEqualTo(Map.of("token", "s3cret"));
    assertThat(with.inputDigest("b")).isEqualTo(without.inputDigest("b"));
    assertThat(with.toString()).doesNotContain("s3cret");
    assertThat(environment.variables())
        .isEqualTo(Map.of("PARAM_a", "1", "PARAM_token", "s3cret", "PARAM_user", "root"));
    assertThat(environment.secrets()).containsExactlyInAnyOrder("s3cret", "root");
    assertThat(builder.params().toString()).doesNotContain("root");
    assertThatThrownBy(() -> builder.resolve(Map.of("a", "1", "token", "s3 cret")))
        .isInstanceOf(InvalidParams.class)
        .hasMessageContaining("does not match")
        .hasMessageNotContaining("cret]");
  }

  @Test
  void environmentWhenSecretIsGoneSaysWhich() {
    Builder builder = Builder.parse("b", "{command: [x], env: {TOKEN: {file: /nowhere/token}}}");

    assertThatThrownBy(() -> builder.environment(builder.resolve(Map.of()), _ -> null))
        .isInstanceOf(UnreadableSecret.class)
        .hasMessageContaining("TOKEN")
        .hasMessageContaining("/nowhere/token");
  }

  @Test
  void versionChangesWithWhatOutcomesDependOnAndNothingElse() {
    String base = "{command: [x, '{a}'], params: {a: {default: '1'}}";
    BuilderVersion version = Builder.parse("b", base + "}").version();

    assertThat(version.value()).matches("sha256:[0-9a-f]{64}");
    for (String same :
        List.of(
            "title: t",
            "pool: p",
            "timeout: 5m",
            "retries: 1",
            "on-change: keep",
            "log-limit: 1MB",
            "error-patterns: [{pattern: boom, score: 1}]")) {
      assertThat(Builder.parse("b", base + ", " + same + "}").version()).isEqualTo(version);
    }
    for (String other :
        List.of(
            "env: {A: b}",
            "env: {A: {file: /b}}",
            "env-pass: [A]",
            "caches: [{name: a, path: b}]")) {
      assertThat(Builder.parse("b", base + ", " + other + "}").version()).isNotEqualTo(version);
    }
    assertThat(Builder.parse("b", base.replace("'1'", "'2'") + "}").version())
        .isNotEqualTo(version);
    assertThat(Builder.parse("b", base.replace("[x,", "[y,") + "}").version())
        .isNotEqualTo(version);
  }

  @Test
  void versionOfTheSameDefinitionIsTheSameForEver() {
    Builder builder =
        Builder.parse(
            "b",
            """
            command: [sh, -euc, "{script}"]
            params: {script: {}, note: {default: "", input: false, pattern: ".*"}}
            env: {A: b, T: {file: /t}}
            env-pass: [P, O]
            caches: [{name: m2, path: .m2}]
            """);

    assertThat(builder.version().value())
        .isEqualTo("sha256:0f8c5dfe0d5fd5e356edb3d185fb6126f43817767a73e3a9b65ab0c3b846047f");
    assertThat(Params.inputDigest("shell", Map.of("script", "make", "a", "b")))
        .isEqualTo("sha256:70dca0924c617478d95e2b60adc572bd69c31905ea022d3ca3abfb4d5fd1841a");
  }

  @Test
  void inputDigestTellsBordersApart() {
    assertThat(Params.inputDigest("b", Map.of("a", "bc")))
        .isNotEqualTo(Params.inputDigest("b", Map.of("ab", "c")))
        .isNotEqualTo(Params.inputDigest("ba", Map.of("", "bc")));
  }

  @Test
  void differencesPassOverParamsThatCameLaterAndWereLeftOut() {
    Params left = DEPLOY.resolve(Map.of("target", "web"));
    Params named = DEPLOY.resolve(Map.of("target", "web", "region", "us"));

    assertThat(left.differences(Map.of("target", "web"))).isEmpty();
    assertThat(left.differences(Map.of("target", "db", "gone", "x"))).containsExactly("target");
    assertThat(left.differences(Map.of("target", "web", "region", "us"))).containsExactly("region");
    assertThat(named.differences(Map.of("target", "web"))).containsExactly("region");
  }
}
