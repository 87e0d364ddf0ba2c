package dev.buildonce.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * Measures the service as it is shipped, from outside, and prints a table: each figure beside a
 * reference of the same run, for figures alone say as much about the machine as about the service.
 *
 * <p>Arguments are names of sections (all by default) and {@code --quick}, which does everything in
 * small and says nothing about speed.
 */
public final class Benchmark {
  private static final Map<String, BiFunction<Subject, Table, Section>> SECTIONS =
      new LinkedHashMap<>();

  static {
    SECTIONS.put("start", Starts::new);
    SECTIONS.put("hits", Hits::new);
    SECTIONS.put("crowd", Crowd::new);
    SECTIONS.put("first-byte", FirstByte::new);
    SECTIONS.put("viewers", LogViewers::new);
    SECTIONS.put("page", LogPages::new);
    SECTIONS.put("log", BigLog::new);
    SECTIONS.put("million", Million::new);
    SECTIONS.put("rebuild", RebuildByPrefix::new);
  }

  private Benchmark() {}

  /** Runs the sections that are named, or all. */
  public static void main(String... arguments) throws Exception {
    Set<String> wanted = new TreeSet<>(Arrays.asList(arguments));
    wanted.remove("");
    boolean quick = wanted.remove("--quick");
    if (!SECTIONS.keySet().containsAll(wanted)) {
      System.err.println(
          "Usage: [--quick] [SECTION…], sections are: " + String.join(" ", SECTIONS.keySet()));
      System.exit(2);
    }
    run(quick, wanted.isEmpty() ? SECTIONS.keySet() : wanted);
  }

  /** Runs all sections in small; fails if one of them does. */
  static Table quick() throws Exception {
    return run(true, SECTIONS.keySet());
  }

  private static Table run(boolean quick, Set<String> wanted) throws Exception {
    String machine = machine();
    System.out.println(machine);
    Table table = new Table();
    try (Subject subject = new Subject(quick)) {
      for (var section : SECTIONS.entrySet()) {
        if (wanted.contains(section.getKey())) {
          section.getValue().apply(subject, table).run();
        }
      }
    }
    System.out.printf("%n%s%n%s", machine, table);
    return table;
  }

  private static String machine() throws IOException {
    Path cpus = Path.of("/proc/cpuinfo");
    String model =
        Files.exists(cpus)
            ? Files.readAllLines(cpus).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("")
            : "";
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return "%d processors (%s), %d GB, load %.1f before; Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model,
            system.getTotalMemorySize() >> 30,
            system.getSystemLoadAverage(),
            Runtime.version());
  }
}
