package dev.buildonce.dispatch;

import static dev.buildonce.dispatch.RealBuilds.script;

import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A service with builders and pools for tests that leave it as they found it, started by the first.
 */
final class RealService {
  static final String SECRET = "hunter2-and-some-more";

  private static final ServiceProcess INSTANCE = start();

  private RealService() {}

  static RealBuilds builds() {
    return new RealBuilds(INSTANCE.url());
  }

  static Parts parts() {
    return new Parts(INSTANCE);
  }

  private static ServiceProcess start() {
    return ServiceProcess.builder()
        .home(
            RealBuilds.home(
                Map.ofEntries(
                    Map.entry("plain", script("retries: 0\ngrace: 1s\n")),
                    Map.entry("once-more", script("retries: 1\n")),
                    Map.entry("one", script("pool: one\n")),
                    Map.entry("pair", script("pool: pair\n")),
                    Map.entry("brief", script("pool: brief\n")),
                    Map.entry("small", script("pool: small\n")),
                    Map.entry("secret", script("env: { TOKEN: { file: " + token() + " } }\n")),
                    Map.entry("no-secret", script("env: { TOKEN: { file: /nowhere/token } }\n")),
                    Map.entry(
                        "many",
                        "command: [sh, -c, 'env | grep ^PARAM_ | wc -c']\nparams: " + params(10)),
                    Map.entry(
                        "long-argument", "command: [echo, \"{p0}{p1}\"]\nparams: " + params(2)),
                    Map.entry("no-program", "command: [no-such-program, x]\n"),
                    Map.entry(
                        "surroundings",
                        """
                        command: [cat, /proc/self/environ]
                        params: { name: {}, extra: { input: false, default: none } }
                        env: { GREETING: "hello {name}" }
                        env-pass: [PASSED_ON, NOT_SET]
                        """),
                    Map.entry(
                        "params",
                        """
                        command: [sh, -euc, 'printf "%s|" "$@"', sh, "{color}", "<{size}>{{}}", "{note}"]
                        params:
                          color: { default: red, pattern: "red|green" }
                          size: { pattern: "[0-9]+" }
                          note: { input: false, default: "" }
                        """))))
        .environment("PASSED_ON", "as it is")
        .environment("SERVICE_ONLY", "not for builds")
        .arguments(
            "--buildonce.pools.one.max=1",
            "--buildonce.pools.pair.max=2",
            "--buildonce.pools.brief.max=1",
            "--buildonce.pools.brief.queue-timeout=2s",
            "--buildonce.pools.small.max=1",
            "--buildonce.pools.small.max-queued=2")
        .start();
  }

  /** So many params: {@code p0}, {@code p1} and so on. */
  private static String params(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "p" + i + ": {}")
        .collect(Collectors.joining(", ", "{", "}\n"));
  }

  private static Path token() {
    try {
      Path token = Files.writeString(Files.createTempFile("token", ""), SECRET + "\n");
      token.toFile().deleteOnExit();
      return token;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
