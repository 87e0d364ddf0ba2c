package dev.buildonce.supervisor;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The machine's processes as /proc shows them. Without /proc (macOS) what Java tells: no groups, no
 * sessions, no marks and no environments.
 */
final class ProcessTable {

  private static final boolean PROC = new File("/proc/self/stat").exists();
  private static final byte[] LIMIT = "Max realtime timeout".getBytes(StandardCharsets.US_ASCII);
  private static final int KERNEL = 2;

  private ProcessTable() {}

  /** One process; its pid may be another's later, the pair of pid and start may not. */
  record Identity(int pid, long start) {}

  /**
   * A process.
   *
   * @param start when it started, in a unit that only compares
   * @param ended whether it only waits for its parent to take notice
   */
  record Row(int pid, int parent, int group, int session, long start, boolean ended) {

    Identity identity() {
      return new Identity(pid, start);
    }
  }

  /** Every process but the kernel's own. */
  static List<Row> list() {
    if (!PROC) {
      return ProcessHandle.allProcesses().map(ProcessTable::row).toList();
    }
    var rows = new ArrayList<Row>();
    String[] names = new File("/proc").list();
    for (String name : names == null ? new String[0] : names) {
      char first = name.charAt(0);
      if (first >= '0' && first <= '9') {
        Row row = find(Integer.parseInt(name));
        if (row != null && row.parent != KERNEL && row.pid != KERNEL) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /** The process of that pid, or null when there is none. */
  static @Nullable Row find(int pid) {
    if (!PROC) {
      return ProcessHandle.of(pid).map(ProcessTable::row).orElse(null);
    }
    byte[] stat = read(pid, "stat");
    if (stat == null) {
      return null;
    }
    // The name may hold anything, so that the fields begin after its last parenthesis.
    String text = new String(stat, StandardCharsets.ISO_8859_1);
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", 21);
    if (fields.length < 21) {
      return null;
    }
    // A leader that ended before its other threads looks like a zombie, but is none.
    boolean ended =
        (fields[0].equals("Z") || fields[0].equals("X")) && Integer.parseInt(fields[17]) <= 1;
    return new Row(
        pid,
        Integer.parseInt(fields[1]),
        Integer.parseInt(fields[2]),
        Integer.parseInt(fields[3]),
        Long.parseLong(fields[19]),
        ended);
  }

  private static Row row(ProcessHandle process) {
    int parent = process.parent().map(ProcessHandle::pid).orElse(0L).intValue();
    long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    int pid = (int) process.pid();
    return new Row(pid, parent, pid, pid, start, false); // a guess: wrong, no such group is there
  }

  /** The mark that the process carries, or {@link Mark#NONE}. */
  static long mark(int pid) {
    byte[] limits = PROC ? read(pid, "limits") : null;
    int at = limits == null ? -1 : indexOf(limits, LIMIT);
    if (limits == null || at < 0) {
      return Mark.NONE;
    }
    int i = at + LIMIT.length;
    while (i < limits.length && limits[i] == ' ') {
      i++;
    }
    long value = 0;
    while (i < limits.length && limits[i] >= '0' && limits[i] <= '9') {
      value = value * 10 + (limits[i++] - '0');
    }
    return value;
  }

  /** Whether the process was started with that NAME=value in its environment. */
  static boolean environmentHolds(int pid, byte[] entry) {
    byte[] environment = PROC ? read(pid, "environ") : null;
    if (environment == null) {
      return false;
    }
    for (int at = 0; at + entry.length <= environment.length; ) {
      int end = at;
      while (end < environment.length && environment[end] != 0) {
        end++;
      }
      if (end - at == entry.length && startsWith(environment, at, entry)) {
        return true;
      }
      at = end + 1;
    }
    return false;
  }

  private static byte @Nullable [] read(int pid, String file) {
    try (var in = new FileInputStream("/proc/" + pid + "/" + file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      return null; // it is gone, or another user's
    }
  }

  private static int indexOf(byte[] text, byte[] part) {
    for (int i = 0; i + part.length <= text.length; i++) {
      if (startsWith(text, i, part)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean startsWith(byte[] text, int at, byte[] part) {
    for (int i = 0; i < part.length; i++) {
      if (text[at + i] != part[i]) {
        return false;
      }
    }
    return true;
  }
}
