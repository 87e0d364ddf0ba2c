package dev.buildonce.supervisor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The functions of the C library that the supervisor needs. Numbers are those of Linux, with those
 * of macOS where they differ; Linux (x86-64, glibc) is what is run and tested.
 */
final class Libc {

  static final boolean LINUX = System.getProperty("os.name", "").startsWith("Linux");

  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int ECHILD = 10;

  static final int SIGKILL = 9;
  static final int SIGTERM = 15;

  private static final int SIGCHLD = LINUX ? 17 : 20;
  private static final int O_CLOEXEC = LINUX ? 0x80000 : 0x1000000;
  private static final int F_SETFD = 2;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int FD_CLOEXEC = 1;
  private static final short POLLIN = 1;
  private static final int P_ALL = 0;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = LINUX ? 0x1000000 : 0x20;
  private static final int SIGNALLED_PID = LINUX ? 16 : 12;
  private static final int PR_SET_CHILD_SUBREAPER = 36;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> STATES =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle PIPE = withErrno("pipe", 1, ADDRESS);
  private static final MethodHandle FCNTL = withErrno("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle POLL = withErrno("poll", 3, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle READ =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("read"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE = withErrno("close", 1, JAVA_INT);
  private static final MethodHandle KILL = withErrno("kill", 2, JAVA_INT, JAVA_INT);
  private static final MethodHandle WAITID =
      withErrno("waitid", 4, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle WAITPID = withErrno("waitpid", 3, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SETSID = withErrno("setsid", 0);

  private Libc() {}

  /** What a look at ended children found: a pid, {@link #NONE_ENDED} or {@link #CHILDLESS}. */
  static final int NONE_ENDED = 0;

  static final int CHILDLESS = -1;

  /** The handle of a function without captured errno, if this C library has it. */
  static Optional<MethodHandle> find(String name, FunctionDescriptor shape) {
    return LINKER.defaultLookup().find(name).map(address -> LINKER.downcallHandle(address, shape));
  }

  private static MethodHandle withErrno(String name, int fixed, MemoryLayout... parameters) {
    var errno = Linker.Option.captureCallState("errno");
    var shape = FunctionDescriptor.of(JAVA_INT, parameters);
    var address = LINKER.defaultLookup().findOrThrow(name);
    return fixed < parameters.length
        ? LINKER.downcallHandle(address, shape, errno, Linker.Option.firstVariadicArg(fixed))
        : LINKER.downcallHandle(address, shape, errno);
  }

  /** The reason of this thread's last call that returned -1. */
  static int errno() {
    return (int) ERRNO.get(STATES.get(), 0L);
  }

  /** Both ends of a new pipe, closed on exec: where to read, where to write. */
  static int[] pipe(int capacity) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var ends = arena.allocate(JAVA_INT, 2);
      if ((int) PIPE.invokeExact(STATES.get(), ends) != 0) {
        throw new IOException("no pipe, error " + errno());
      }
      int[] pipe = {ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1)};
      closeOnExec(pipe[0]);
      closeOnExec(pipe[1]);
      if (LINUX) {
        fcntl(pipe[0], F_SETPIPE_SZ, capacity); // a wish: the default of 64 KiB works as well
      }
      return pipe;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static void closeOnExec(int descriptor) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }

  private static int fcntl(int descriptor, int command, int value) {
    try {
      return (int) FCNTL.invokeExact(STATES.get(), descriptor, command, value);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /**
   * Waits for something to read, or the end.
   *
   * @param poll eight bytes of the caller's to work with
   */
  static boolean readable(int descriptor, MemorySegment poll, int timeoutMillis) {
    poll.set(JAVA_INT, 0, descriptor);
    poll.set(JAVA_SHORT, 4, POLLIN);
    poll.set(JAVA_SHORT, 6, (short) 0);
    try {
      return (int) POLL.invokeExact(STATES.get(), poll, 1L, timeoutMillis) > 0;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** The number of bytes read, 0 at the end, -1 on an error. */
  static int read(int descriptor, MemorySegment into) {
    try {
      return (int) (long) READ.invokeExact(STATES.get(), descriptor, into, into.byteSize());
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static void close(int descriptor) {
    try {
      int _ = (int) CLOSE.invokeExact(STATES.get(), descriptor);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Whether the signal was sent; a negative pid names a group. */
  static boolean kill(int pid, int signal) {
    try {
      return (int) KILL.invokeExact(STATES.get(), pid, signal) == 0;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** The pid of a child that ended and stays a zombie, {@link #NONE_ENDED} or CHILDLESS. */
  static int endedChild(boolean wait) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(128, 8);
      int options = WEXITED | WNOWAIT | (wait ? 0 : WNOHANG);
      while ((int) WAITID.invokeExact(STATES.get(), P_ALL, 0, info, options) != 0) {
        if (errno() != EINTR) {
          return CHILDLESS;
        }
      }
      return info.get(JAVA_INT, SIGNALLED_PID);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Frees the pid of an ended child and returns its wait status, or -1 when there is none. */
  static int reap(int pid) {
    try (var arena = Arena.ofConfined()) {
      var status = arena.allocate(JAVA_INT);
      int reaped = (int) WAITPID.invokeExact(STATES.get(), pid, status, WNOHANG);
      return reaped == pid ? status.get(JAVA_INT, 0) : -1;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Leaves the terminal, so that its Ctrl-C and its end reach the service only. */
  static void newSession() {
    try {
      int _ = (int) SETSID.invokeExact(STATES.get());
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Whether orphans among this process's descendants become its children from now on. */
  static boolean adoptOrphans() {
    if (!LINUX) {
      return false;
    }
    try {
      return (int)
              withErrno("prctl", 1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG)
                  .invokeExact(STATES.get(), PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L)
          == 0;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Who started us may have ignored SIGCHLD, which would hide the ends of children. */
  static void keepEndedChildren() {
    try {
      var _ =
          (MemorySegment)
              find("signal", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS))
                  .orElseThrow()
                  .invokeExact(SIGCHLD, MemorySegment.NULL);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static AssertionError impossible(Throwable e) {
    return new AssertionError("a call of the C library failed in Java", e);
  }
}
