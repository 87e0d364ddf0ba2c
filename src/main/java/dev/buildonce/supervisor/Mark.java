package dev.buildonce.supervisor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A number that every process of one build carries, whatever it does with its session, parent and
 * environment.
 */
/*
 * It is the soft limit on the CPU time of a real-time process between two sleeps (RLIMIT_RTTIME):
 * unlimited by default, without any effect on a process with normal scheduling, at these values
 * (tens of thousands of years) without effect on a real-time one either, inherited over fork and
 * exec, and readable by everybody in /proc/<pid>/limits. The limit of the supervisor itself is set
 * while it spawns. A build could take its mark off on purpose; then its environment and its
 * ancestors still tell. Other systems than Linux have no such limit, and no mark.
 */
final class Mark {

  static final long NONE = 0;

  private static final int RLIMIT_RTTIME = 15;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Optional<MethodHandle> GET = handle("getrlimit");
  private static final Optional<MethodHandle> SET = handle("setrlimit");

  private Mark() {}

  private static Optional<MethodHandle> handle(String name) {
    return Libc.LINUX
        ? Libc.find(name, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS))
        : Optional.empty();
  }

  /** A mark that no other process on this machine carries. */
  static long fresh() {
    return SET.isEmpty() ? NONE : (1L << 60) | (RANDOM.nextLong() & ((1L << 60) - 1));
  }

  /** Wears the mark until closed; what is forked meanwhile has it for good. */
  static Worn wear(long mark) {
    var arena = Arena.ofConfined();
    var before = arena.allocate(JAVA_LONG, 2);
    if (mark == NONE || !call(GET, before)) {
      return new Worn(arena, null);
    }
    var during = arena.allocate(JAVA_LONG, 2).copyFrom(before);
    during.setAtIndex(JAVA_LONG, 0, mark);
    return new Worn(arena, call(SET, during) ? before : null);
  }

  private static boolean call(Optional<MethodHandle> handle, MemorySegment limit) {
    try {
      return handle.isPresent() && (int) handle.get().invokeExact(RLIMIT_RTTIME, limit) == 0;
    } catch (Throwable e) {
      throw Libc.impossible(e);
    }
  }

  /** The time during which the supervisor wears a mark. */
  record Worn(Arena arena, @Nullable MemorySegment before) implements AutoCloseable {

    @Override
    public void close() {
      if (before != null) {
        call(SET, before);
      }
      arena.close();
    }
  }
}
