package dev.buildonce.runners;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;

/** Looks for processes on the whole machine. */
final class MachineProcesses {

  private static final AtomicInteger SPANS = new AtomicInteger(300);

  private MachineProcesses() {}

  /** The supervisors of that home. */
  static List<ProcessHandle> supervisorsOf(Path home) {
    return ProcessHandle.allProcesses()
        .filter(process -> holds(process.pid(), "cmdline", "dev.buildonce.supervisor.Main"))
        .filter(process -> holds(process.pid(), "cmdline", home.toString()))
        .toList();
  }

  /** What an attempt's processes carry in their limits. */
  static String markOf(Path home, long attempt) throws IOException {
    return Files.readAllLines(home.resolve("spools/" + attempt + "/record")).getFirst();
  }

  /** Processes with something of that home in their environment, or with that mark. */
  static List<Long> with(Path home, String mark) {
    LongPredicate isMember =
        pid ->
            holds(pid, "environ", "BUILD_VALUE=" + home + "/")
                || holds(pid, "limits", " " + mark + " ");
    return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(isMember::test).toList();
  }

  /** Seconds for which nobody else on the machine sleeps, other runs of these tests included. */
  static String ownSpan() {
    return SPANS.incrementAndGet() + "." + ProcessHandle.current().pid();
  }

  /** Processes that sleep for that time, by which a test tells its own from others. */
  static List<Long> sleeping(String seconds) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> holds(pid, "cmdline", "sleep\0" + seconds + "\0"))
        .toList();
  }

  /** Ended processes that their parent has not taken notice of are none any more. */
  private static boolean holds(long pid, String file, String text) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      if (stat.startsWith("Z", stat.lastIndexOf(')') + 2)) {
        return false;
      }
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/" + file));
      return new String(bytes, StandardCharsets.UTF_8).contains(text);
    } catch (IOException _) {
      return false;
    }
  }
}
