package dev.buildonce.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureLineTests {

  static Stream<Arguments> tails() {
    return Stream.of(
        Arguments.of(
            "maven, a test",
            """
            [INFO] Running com.acme.CartTest
            [ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.05 s <<< FAILURE! -- in com.acme.CartTest
            [ERROR] com.acme.CartTest.total -- Time elapsed: 0.01 s <<< FAILURE!
            org.opentest4j.AssertionFailedError: expected: <3> but was: <2>
            \tat org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
            \tat com.acme.CartTest.total(CartTest.java:17)

            [INFO]\s
            [INFO] Results:
            [INFO]\s
            [ERROR] Failures:\s
            [ERROR]   CartTest.total:17 expected: <3> but was: <2>
            [INFO]\s
            [ERROR] Tests run: 12, Failures: 1, Errors: 0, Skipped: 0
            [INFO]\s
            [INFO] ------------------------------------------------------------------------
            [INFO] BUILD FAILURE
            [INFO] ------------------------------------------------------------------------
            [INFO] Total time:  3.211 s
            [ERROR] Failed to execute goal org.apache.maven.plugins:maven-surefire-plugin:3.2.5:test (default-test) on project shop: There are test failures.
            [ERROR]\s
            [ERROR] See /src/target/surefire-reports for the individual test results.
            [ERROR] -> [Help 1]
            [ERROR]\s
            [ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
            [ERROR] Re-run Maven using the -X switch to enable full debug logging.
            [ERROR]\s
            [ERROR] For more information about the errors and possible solutions, please read the following articles:
            [ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/MojoFailureException
            """,
            "[ERROR]   CartTest.total:17 expected: <3> but was: <2>"),
        Arguments.of(
            "maven, a compile error",
            """
            [INFO] BUILD FAILURE
            [ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.13.0:compile (default-compile) on project shop: Compilation failure
            [ERROR] /src/main/java/com/acme/Cart.java:[7,9] cannot find symbol
            [ERROR]   symbol:   variable totl
            [ERROR]   location: class com.acme.Cart
            [ERROR]\s
            [ERROR] -> [Help 1]
            """,
            "[ERROR] /src/main/java/com/acme/Cart.java:[7,9] cannot find symbol"),
        Arguments.of(
            "maven, a missing dependency",
            """
            [INFO] BUILD FAILURE
            [ERROR] Failed to execute goal on project shop: Could not resolve dependencies for project com.acme:shop:jar:1: Could not find artifact com.acme:tax:jar:9
            [ERROR]\s
            [ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
            """,
            "[ERROR] Failed to execute goal on project shop: Could not resolve dependencies for project com.acme:shop:jar:1: Could not find artifact com.acme:tax:jar:9"),
        Arguments.of(
            "npm, a compile error",
            """
            > shop@1.0.0 build
            > tsc -p .

            src/cart.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.
            npm ERR! code ELIFECYCLE
            npm ERR! errno 2
            npm ERR! shop@1.0.0 build: `tsc -p .`
            npm ERR! Exit status 2
            npm ERR!\s
            npm ERR! Failed at the shop@1.0.0 build script.
            npm ERR! This is probably not a problem with npm. There is likely additional logging output above.

            npm ERR! A complete log of this run can be found in:
            npm ERR!     /root/.npm/_logs/2026-11-20T10_00_00_000Z-debug.log
            """,
            "src/cart.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'."),
        Arguments.of(
            "npm, a missing package",
            """
            npm error code E404
            npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found
            npm error 404
            npm error 404  'nope@*' is not in this registry.
            npm error 404
            npm error 404 Note that you can also install from a
            npm error 404 tarball, folder, http url, or git folder.
            npm error A complete log of this run can be found in: /root/.npm/_logs/x-debug-0.log
            """,
            "npm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found"),
        Arguments.of(
            "pytest",
            """
                def test_total():
            >       assert total() == 3
            E       assert 2 == 3
            E        +  where 2 = total()

            tests/test_cart.py:5: AssertionError
            =========================== short test summary info ============================
            FAILED tests/test_cart.py::test_total - assert 2 == 3
            ========================= 1 failed, 3 passed in 0.12s ==========================
            """,
            "FAILED tests/test_cart.py::test_total - assert 2 == 3"),
        Arguments.of(
            "python",
            """
            Traceback (most recent call last):
              File "/src/report.py", line 3, in on_error
                raise KeyError("could not")
            KeyError: 'region'
            """,
            "KeyError: 'region'"),
        Arguments.of(
            "go test",
            """
            --- FAIL: TestTotal (0.00s)
                cart_test.go:12: got 2, want 3
            FAIL
            exit status 1
            FAIL\texample.com/shop\t0.003s
            FAIL
            """,
            "cart_test.go:12: got 2, want 3"),
        Arguments.of(
            "go, a panic",
            """
            panic: runtime error: index out of range [5] with length 3

            goroutine 1 [running]:
            main.main()
            \t/src/main.go:12 +0x1d
            exit status 2
            """,
            "panic: runtime error: index out of range [5] with length 3"),
        Arguments.of(
            "make and gcc",
            """
            gcc -Wall -c main.c
            main.c:2:10: warning: unused variable 'y' [-Wunused-variable]
            main.c: In function 'main':
            main.c:4:5: error: 'x' undeclared (first use in this function)
                4 |     x = 1;
                  |     ^
            main.c:4:5: note: each undeclared identifier is reported only once for each function it appears in
            main.c:9:1: error: expected ';' before '}' token
            make[1]: *** [Makefile:2: main.o] Error 1
            make[1]: Leaving directory '/src/lib'
            make: *** [Makefile:7: all] Error 2
            """,
            "main.c:4:5: error: 'x' undeclared (first use in this function)"),
        Arguments.of(
            "make and ld",
            """
            /usr/bin/ld: main.o: in function `main':
            main.c:(.text+0x5): undefined reference to `total'
            collect2: error: ld returned 1 exit status
            make: *** [Makefile:2: app] Error 1
            """,
            "main.c:(.text+0x5): undefined reference to `total'"),
        Arguments.of(
            "ninja",
            """
            [2/9] Building CXX object app.o
            FAILED: app.o
            c++ -c -o app.o ../app.cc
            ../app.cc:12:3: error: 'tax' was not declared in this scope
            ninja: build stopped: subcommand failed.
            """,
            "../app.cc:12:3: error: 'tax' was not declared in this scope"),
        Arguments.of(
            "make alone",
            "make: *** No rule to make target 'nope'.  Stop.\n",
            "make: *** No rule to make target 'nope'.  Stop."),
        Arguments.of(
            "cargo build",
            """
               Compiling shop v0.1.0 (/src)
            error[E0308]: mismatched types
             --> src/main.rs:2:18
              |
            2 |     let x: i32 = "a";
              |            ---   ^^^ expected `i32`, found `&str`
              |            |
              |            expected due to this

            For more information about this error, try `rustc --explain E0308`.
            error: could not compile `shop` (bin "shop") due to 1 previous error
            """,
            "error[E0308]: mismatched types --> src/main.rs:2:18"),
        Arguments.of(
            "cargo test",
            """
            ---- tests::total stdout ----

            thread 'tests::total' panicked at src/lib.rs:10:9:
            assertion `left == right` failed
              left: 2
             right: 3
            note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


            failures:
                tests::total

            test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

            error: test failed, to rerun pass `--lib`
            """,
            "assertion `left == right` failed"),
        Arguments.of(
            "jest",
            """
            FAIL src/cart.test.js
              ✓ adds (2 ms)
              ✕ totals (3 ms)

              ● cart › totals

                expect(received).toBe(expected) // Object.is equality

                Expected: 3
                Received: 2

                  4 | test('totals', () => {
                > 5 |   expect(total()).toBe(3);
                    |                   ^
                  6 | });

                  at Object.toBe (src/cart.test.js:5:19)

            Test Suites: 1 failed, 1 total
            Tests:       1 failed, 1 passed, 2 total
            Snapshots:   0 total
            Time:        0.512 s
            Ran all test suites.
            error Command failed with exit code 1.
            """,
            "● cart › totals"),
        Arguments.of(
            "docker build",
            """
            #8 [4/5] RUN make
            #8 0.321 cc -o app main.c
            #8 0.402 main.c:3:10: fatal error: tax.h: No such file or directory
            #8 0.402     3 | #include "tax.h"
            #8 0.402       |          ^~~~~~~
            #8 0.402 compilation terminated.
            #8 0.403 make: *** [Makefile:2: app] Error 1
            #8 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
            ------
             > [4/5] RUN make:
            0.402 compilation terminated.
            0.403 make: *** [Makefile:2: app] Error 1
            ------
            Dockerfile:5
            --------------------
               3 |     COPY . .
               5 | >>> RUN make
            --------------------
            ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
            """,
            "#8 0.402 main.c:3:10: fatal error: tax.h: No such file or directory"),
        Arguments.of(
            "docker build, no such image",
            """
            #2 ERROR: docker.io/library/nope:1: not found
            ------
             > [internal] load metadata for docker.io/library/nope:1:
            ------
            ERROR: failed to solve: nope:1: failed to resolve source metadata for docker.io/library/nope:1: not found
            """,
            "ERROR: failed to solve: nope:1: failed to resolve source metadata for docker.io/library/nope:1: not found"),
        Arguments.of(
            "gradle",
            """
            CartTest > total() FAILED
                org.opentest4j.AssertionFailedError at CartTest.java:17

            3 tests completed, 1 failed

            FAILURE: Build failed with an exception.

            * What went wrong:
            Execution failed for task ':test'.
            > There were failing tests. See the report at: file:///src/build/reports/tests/test/index.html

            BUILD FAILED in 3s
            """,
            "org.opentest4j.AssertionFailedError at CartTest.java:17"),
        Arguments.of(
            "a stack trace",
            """
            Exception in thread "main" java.lang.IllegalStateException: cannot start
            \tat com.acme.FailedException.error(FailedException.java:5)
            Caused by: java.net.ConnectException: Connection refused
            \tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
            \t... 3 more
            """,
            "Caused by: java.net.ConnectException: Connection refused"),
        Arguments.of(
            "node",
            """
            /app/index.js:3
                throw new Error('boom');
                ^

            Error: boom
                at Object.<anonymous> (/app/index.js:3:9)
                at Module._compile (node:internal/modules/cjs/loader:1356:14)

            Node.js v20.11.0
            """,
            "Error: boom"),
        Arguments.of("a shell", "+ mkae test\nsh: 1: mkae: not found\n", "sh: 1: mkae: not found"),
        Arguments.of("a success that is none", "12 passed, 0 errors\nbye\n", "bye"),
        Arguments.of("nothing telling", "one\n\n  two  \n---\n\n", "two"),
        Arguments.of(
            "colours",
            "\u001b[31m\u001b[1merror:\u001b[0m \u001b]0;title\u0007disk \u001b[4mfull\u001b[24m\u001b[K\nbye\n",
            "error: disk full"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tails")
  void lineIsWhatAnEngineerWantsToReadFirst(String tool, String tail, String expected) {
    assertThat(FailureLine.of(tail, "exit 1")).isEqualTo(expected + " (exit 1)");
  }

  @Test
  void lineWhenProgressWasDrawnOverAndOverIsTheTellingOneBeforeIt() {
    StringBuilder tail = new StringBuilder("curl: (6) Could not resolve host: nope\r\n");
    IntStream.rangeClosed(0, 200)
        .forEach(i -> tail.append("\r[#####     ] ").append(i).append('%'));

    assertThat(FailureLine.of(tail.toString(), "exit 6"))
        .isEqualTo("curl: (6) Could not resolve host: nope (exit 6)");
    assertThat(FailureLine.of("10%\r20%\rerror: no space left\r", "exit 1"))
        .isEqualTo("error: no space left (exit 1)");
  }

  @Test
  void lineWhenNothingWasWrittenSaysSo() {
    assertThat(FailureLine.of("", "exit 1"))
        .isEqualTo("exit 1, and it wrote nothing that tells why");
    assertThat(FailureLine.of(" \n\r\n\t\n----\n", "killed by SIGSEGV"))
        .isEqualTo("killed by SIGSEGV, and it wrote nothing that tells why");
  }

  @Test
  void lineWhenLongKeepsHowItEnded() {
    String line =
        FailureLine.of("error: " + "x".repeat(2000) + "\n", "exit 1, which is no verdict");

    assertThat(line).hasSizeLessThanOrEqualTo(500).endsWith("… (exit 1, which is no verdict)");
  }

  @Test
  @Timeout(120)
  void lineOfHostileTailTakesNoTime() {
    for (String part :
        new String[] {
          "a", "1", ":", ":1", " ", "\u001b[", "\u001b]", "error", ">", "|", "[1,", "\r"
        }) {
      String tail = part.repeat(FailureLine.TAIL / part.length());
      long before = System.nanoTime();

      FailureLine.of(tail, "exit 1");

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }
  }
}
