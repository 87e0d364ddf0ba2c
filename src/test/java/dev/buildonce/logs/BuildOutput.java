package dev.buildonce.logs;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** What builds write: downloads, compilers, tests, progress, colours. */
public final class BuildOutput {

  private static final String[] GROUPS = {
    "org.springframework.boot", "com.fasterxml.jackson", "org.apache.commons", "io.netty", "junit"
  };
  private static final String[] WORDS = {
    "cache", "parser", "client", "server", "config", "util", "http", "json", "store", "lease",
    "queue", "runner", "writer", "reader", "index", "table", "event", "stream", "filter", "codec"
  };

  /** Builds do one thing for a while, then another. */
  private static final int PHASE = 40;

  private final Random random;
  private final String[] files = new String[400];
  private int kind;
  private long millis = 1_700_000_000_000L;
  private int number;

  public BuildOutput(long seed) {
    random = new Random(seed);
    for (int i = 0; i < files.length; i++) {
      files[i] = word() + "/" + word() + "_" + word();
    }
  }

  /** One line with its line end. */
  public String line() {
    number++;
    millis += random.nextInt(40);
    if (number % PHASE == 1) {
      kind = random.nextInt(10);
    }
    return switch (kind) {
          case 0 ->
              "Downloaded from central: https://repo.maven.apache.org/maven2/%s/%s-%s/%d.%d.%d/%s-%s-%d.jar (%d kB at %d.%d MB/s)"
                  .formatted(
                      group().replace('.', '/'),
                      word(),
                      word(),
                      some(9),
                      some(20),
                      some(30),
                      word(),
                      word(),
                      some(9),
                      some(900),
                      some(9),
                      some(9));
          case 1 ->
              "\u001b[1;34m[INFO]\u001b[m Compiling %d source files with javac [forked debug parameters release 25] to target/classes"
                  .formatted(some(300));
          case 2 ->
              "[ %d%%] Building CXX object src/CMakeFiles/%s.dir/%s.cpp.o"
                  .formatted(number / 1000 % 100, word(), file());
          case 3 ->
              "src/%s.c:%d:%d: warning: unused variable ‘%s_%d’ [-Wunused-variable]"
                  .formatted(file(), some(2000), some(80), word(), some(50));
          case 4 ->
              "2026-11-21T10:%02d:%02d.%03dZ  INFO %d --- [main] o.s.%s.%s : Started %s in %d.%03d seconds"
                  .formatted(
                      millis / 60000 % 60,
                      millis / 1000 % 60,
                      millis % 1000,
                      4000 + some(9),
                      word(),
                      word(),
                      word(),
                      some(9),
                      some(999));
          case 5 ->
              "gcc -O2 -g -Wall -Iinclude -DVERSION=\"1.2.3\" -c -o build/%1$s.o src/%1$s.c"
                  .formatted(file());
          case 6 ->
              "--- PASS: Test%s%s/%s_%d (%d.%02ds)"
                  .formatted(word(), word(), word(), some(100), some(3), some(99));
          case 7 ->
              "ok  \tgithub.com/example/%s/%s\t%d.%03ds\tcoverage: %d.%d%% of statements"
                  .formatted(word(), word(), some(20), some(999), some(100), some(9));
          case 8 ->
              number % 10 == 0
                  ? "#%d sha256:%016x%016x %d.%02dMB / %d.%02dMB %d.%ds"
                      .formatted(
                          some(30),
                          random.nextLong(),
                          random.nextLong(),
                          some(90),
                          some(99),
                          some(90),
                          some(99),
                          some(9),
                          some(9))
                  : "#%d %d.%03d   creating: %s"
                      .formatted(some(30), number / 100, some(999), file());
          default ->
              "npm http fetch GET 200 https://registry.npmjs.org/%s-%s/-/%s-%s-%d.%d.%d.tgz %dms (cache %s)"
                  .formatted(
                      word(),
                      word(),
                      word(),
                      word(),
                      some(9),
                      some(20),
                      some(30),
                      some(900),
                      random.nextBoolean() ? "miss" : "hit");
        }
        + "\n";
  }

  /** At least so many bytes of whole lines. */
  public byte[] bytes(int atLeast) {
    var text = new StringBuilder();
    while (text.length() < atLeast) {
      text.append(line());
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private String group() {
    return GROUPS[random.nextInt(GROUPS.length)];
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private String file() {
    return files[random.nextInt(files.length)];
  }

  private int some(int below) {
    return random.nextInt(below);
  }
}
