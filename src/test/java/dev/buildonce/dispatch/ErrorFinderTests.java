package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builders.Builder;
import dev.buildonce.builders.ErrorPattern;
import dev.buildonce.dispatch.ErrorFinder.Found;
import dev.buildonce.logs.BuildOutput;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorFinderTests {

  /** What is found first in the very outputs whose ends {@link FailureLineTests} reads. */
  private static final Map<String, String> FIRST =
      Map.ofEntries(
          Map.entry(
              "maven, a test", "org.opentest4j.AssertionFailedError: expected: <3> but was: <2>"),
          Map.entry(
              "maven, a compile error",
              "[ERROR] /src/main/java/com/acme/Cart.java:[7,9] cannot find symbol"),
          Map.entry(
              "maven, a missing dependency",
              "[ERROR] Failed to execute goal on project shop: Could not resolve dependencies for project com.acme:shop:jar:1: Could not find artifact com.acme:tax:jar:9"),
          Map.entry(
              "npm, a compile error",
              "src/cart.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'."),
          Map.entry(
              "npm, a missing package",
              "npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found"),
          Map.entry("pytest", "E       assert 2 == 3"),
          Map.entry("python", "KeyError: 'region'"),
          Map.entry("go test", "--- FAIL: TestTotal (0.00s)"),
          Map.entry("go, a panic", "panic: runtime error: index out of range [5] with length 3"),
          Map.entry(
              "make and gcc", "main.c:4:5: error: 'x' undeclared (first use in this function)"),
          Map.entry("make and ld", "main.c:(.text+0x5): undefined reference to `total'"),
          Map.entry("ninja", "../app.cc:12:3: error: 'tax' was not declared in this scope"),
          Map.entry("make alone", "make: *** No rule to make target 'nope'.  Stop."),
          Map.entry("cargo build", "error[E0308]: mismatched types"),
          Map.entry("cargo test", "thread 'tests::total' panicked at src/lib.rs:10:9:"),
          Map.entry("jest", "  ● cart › totals"),
          Map.entry(
              "docker build",
              "#8 0.402 main.c:3:10: fatal error: tax.h: No such file or directory"),
          Map.entry("docker build, no such image", "#2 ERROR: docker.io/library/nope:1: not found"),
          Map.entry("gradle", "    org.opentest4j.AssertionFailedError at CartTest.java:17"),
          Map.entry(
              "a stack trace",
              "Exception in thread \"main\" java.lang.IllegalStateException: cannot start"),
          Map.entry("node", "Error: boom"),
          Map.entry("a shell", "sh: 1: mkae: not found"),
          Map.entry("colours", "error: disk full"));

  static Stream<Arguments> outputs() {
    return FailureLineTests.tails()
        .map(tail -> Arguments.of(tail.get()[0], tail.get()[1], FIRST.get(tail.get()[0])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outputs")
  void firstTellingLineOfWhatToolsWrite(String tool, String output, @Nullable String expected) {
    String before = new BuildOutput(3).line().repeat(20);

    assertThat(text(find(before + output))).isEqualTo(expected);
  }

  @Test
  void everyExpectationIsOfAnOutput() {
    assertThat(outputs().map(output -> output.get()[0])).containsAll((Iterable) FIRST.keySet());
  }

  @Test
  void firstOfManyErrorsIsFoundWithItsNumber() {
    Found found =
        find(
            """
            Cart.java:3: warning: [rawtypes] found raw type: List
              List raw = new ArrayList();
              ^
            Cart.java:4: error: cannot find symbol
              int total() { return totl; }
                                   ^
              symbol:   variable totl
            Cart.java:5: error: incompatible types: int cannot be converted to String
            2 errors
            2 warnings
            """);

    assertThat(found).isEqualTo(new Found(4, 100, "Cart.java:4: error: cannot find symbol"));
  }

  @Test
  void failedTestIsFoundBehindOnesThatPassedWithTellingNames() {
    Found found =
        find(
            """
            collecting ... collected 3 items

            test_cart.py::test_error_page_is_shown PASSED                            [ 33%]
            test_cart.py::test_total FAILED                                          [ 66%]

            =================================== FAILURES ===================================
            __________________________________ test_total __________________________________

                def test_total():
            >       assert total() == 3
            E       assert 2 == 3
            E        +  where 2 = total()

            test_cart.py:4: AssertionError
            """);
    Found tap =
        find(
            "TAP version 13\n# Subtest: adds\nok 1 - adds\n# Subtest: totals\nnot ok 2 - totals\n");

    assertThat(found).isEqualTo(new Found(11, 80, "E       assert 2 == 3"));
    assertThat(tap).isEqualTo(new Found(5, 80, "not ok 2 - totals"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+ make test",
        "Downloading error-prone-annotations-2.36.0.jar",
        "[INFO] Compiling 12 source files with javac [debug release 25] to target/classes",
        "[WARNING] /src/main/java/com/acme/FailedException.java:[7,9] error() in Log is deprecated",
        "[INFO] Running com.acme.ErrorHandlingTest",
        "[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 0",
        "gcc -O2 -Wall -Werror -c -o build/error.o src/error.c",
        "cc -DERROR_EXIT=1 -c timeout.c",
        "[ 12%] Building CXX object src/CMakeFiles/errors.dir/exception.cpp.o",
        "src/a.c:12:3: warning: 'expected' may be used uninitialized [-Wmaybe-uninitialized]",
        "checking for error_at_line... yes",
        "checking whether assert.h can be included... no",
        "test tests::fails_on_timeout ... ok",
        "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        "--- PASS: TestFatalError (0.00s)",
        "=== RUN   TestConnectionRefused",
        "ok  \texample.com/errors\t0.003s",
        "tests/test_errors.py::test_permission_denied PASSED                      [ 50%]",
        "tests/test_errors.py::test_known_bug XFAIL (expected failure)            [100%]",
        "  ✓ shows an error when the connection is refused (2 ms)",
        "Tests:       0 failed, 12 passed, 12 total",
        "not ok 3 - flaky # TODO later",
        "npm warn deprecated error-ex@1.3.2: use something else",
        "2026-11-21T10:00:00.000Z  INFO 4000 --- [main] o.s.Retry : Error: refused, trying again",
        "0 errors, 0 warnings",
        "no errors found",
        "Finished without errors",
        "error_count=0",
        "errors: 0",
        "Copying failed.html to target/site",
        "#9 sha256:fatal0000 1.2MB / 3.4MB"
      })
  void whatWentWellIsNoErrorWhateverItsWords(String line) {
    assertThat(find(line + "\n")).isNull();
  }

  @Test
  void ordinaryOutputHasNoError() {
    assertThat(find(new String(new BuildOutput(7).bytes(2_000_000), UTF_8))).isNull();
  }

  @Test
  void terminalsEscapesAndWhatWasDrawnOverAreNotSeen() {
    String progress = "\r[####      ] 10%".repeat(2000);
    Found found =
        find("error: old\rdone\n" + progress + "\r\u001b[31merror:\u001b[0m no \u001b[1mroom\r\n");

    assertThat(found).isEqualTo(new Found(2, 80, "error: no room"));
  }

  @Test
  void onlyTheBeginOfALongLineIsLookedAt() {
    String far = "x".repeat(5000) + " error: far\n";

    assertThat(find(far)).isNull();
    assertThat(find(far + "error: near" + "x".repeat(5000)).line()).isEqualTo(2);
  }

  @Test
  void ownPatternsAddAndSilence() {
    String log = "Error: known\nBOOM 1\nboom 2\nmain.c:1:2: error: x\nError: other\n";

    assertThat(find(log, "BOOM \\d", 120)).isEqualTo(new Found(2, 120, "BOOM 1"));
    assertThat(find(log, "(?i)boom 2", 120)).isEqualTo(new Found(3, 120, "boom 2"));
    assertThat(find(log, "BOOM \\d", 90)).isEqualTo(new Found(4, 100, "main.c:1:2: error: x"));
    assertThat(find(log, "^main\\.c:", 0)).isEqualTo(new Found(1, 80, "Error: known"));
    assertThat(find("Error: known\nError: other\n", "known$", -1))
        .isEqualTo(new Found(2, 80, "Error: other"));
    assertThat(find("BOOM 1\n", "BOOM", 30, "1$", -5)).isNull();
    assertThat(find("\u001b[1mBO\u001b[0mOM\n\u001b[1mBOOM\u001b[0m 1\n", "BOOM 1", 5))
        .isEqualTo(new Found(2, 5, "BOOM 1"));
  }

  @Test
  void blocksMakeNoDifference() {
    String log = new String(new BuildOutput(11).bytes(100_000), UTF_8) + "Error: here\nError: no\n";
    Found whole = find(log);
    byte[] bytes = log.getBytes(UTF_8);
    ErrorFinder finder = new ErrorFinder(List.of(), 0);
    long line = 1;
    int from = 0;
    for (int to = 1; to <= bytes.length; to++) {
      if (bytes[to - 1] == '\n') {
        finder.take(line++, bytes, from, to);
        from = to;
      }
    }

    assertThat(finder.best()).isEqualTo(whole);
    assertThat(whole.text()).isEqualTo("Error: here");
    assertThat(whole.line()).isEqualTo(line - 2);
  }

  @Test
  @Timeout(180)
  void hostileLogTakesBoundedTimeAndStillTellsACompilersError() {
    for (String part :
        new String[] {
          "error ", "assertion ", ":1 error", "failed at the ", "1 failed ", "\u001b[error"
        }) {
      String line = part.repeat(4000 / part.length()) + "\n";
      byte[] log = line.repeat(8_000_000 / line.length()).getBytes(UTF_8);
      ErrorFinder finder = new ErrorFinder(patterns("BOOM \\d", 120, "nothing", -1), 0);
      long before = System.nanoTime();

      finder.take(1, log, 0, log.length);
      byte[] last = "main.c:1:2: error: x\nBOOM 1\n".getBytes(UTF_8);
      finder.take(1, last, 0, last.length);

      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .as(part)
          .isLessThan(Duration.ofSeconds(30));
      assertThat(text(finder.best())).as(part).isEqualTo("BOOM 1");
    }
  }

  private static @Nullable String text(@Nullable Found found) {
    return found == null ? null : found.text();
  }

  private static Found find(String log, Object... patterns) {
    ErrorFinder finder = new ErrorFinder(patterns(patterns), 0);
    byte[] bytes = log.getBytes(UTF_8);
    finder.take(1, bytes, 0, bytes.length);
    return finder.best();
  }

  /** Patterns and their scores in turn. */
  private static List<ErrorPattern> patterns(Object... patterns) {
    StringBuilder yaml = new StringBuilder("command: [x]\nerror-patterns:\n");
    for (int i = 0; i < patterns.length; i += 2) {
      yaml.append("- { pattern: '%s', score: %s }\n".formatted(patterns[i], patterns[i + 1]));
    }
    return Builder.parse("b", yaml.toString()).errorPatterns();
  }
}
