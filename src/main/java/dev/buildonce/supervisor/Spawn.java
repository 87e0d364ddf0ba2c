package dev.buildonce.supervisor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.File;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Starts a command as the leader of a session of its own: exactly the given arguments and
 * environment, standard output and error the given descriptor, nothing to read, no other open file,
 * every signal at its default.
 *
 * <p>Where the C library cannot change the directory of a child (glibc before 2.29), the supervisor
 * changes its own while it spawns. Where it cannot close all other descriptors (glibc before 2.34),
 * those open are marked closed-on-exec first; on macOS the kernel closes them.
 */
final class Spawn {

  private static final int ENOENT = 2;
  private static final int E2BIG = 7;
  private static final int ENOEXEC = 8;
  private static final int EACCES = 13;
  private static final int ENOTDIR = 20;

  private static final short SETSIGDEF = 0x04;
  private static final short SETSIGMASK = 0x08;
  private static final short SETSID = (short) (Libc.LINUX ? 0x80 : 0x400);
  private static final short CLOEXEC_DEFAULT = (short) (Libc.LINUX ? 0 : 0x4000);

  private static final AddressLayout P = ADDRESS;
  private static final MethodHandle SPAWN = need("posix_spawn", P, P, P, P, P, P);
  private static final MethodHandle ACTIONS_INIT = need("posix_spawn_file_actions_init", P);
  private static final MethodHandle ACTIONS_DESTROY = need("posix_spawn_file_actions_destroy", P);
  private static final MethodHandle ADD_OPEN =
      need("posix_spawn_file_actions_addopen", P, JAVA_INT, P, JAVA_INT, JAVA_INT);
  private static final MethodHandle ADD_DUP2 =
      need("posix_spawn_file_actions_adddup2", P, JAVA_INT, JAVA_INT);
  private static final Optional<MethodHandle> ADD_CHDIR =
      find("posix_spawn_file_actions_addchdir_np", P, P);
  private static final Optional<MethodHandle> ADD_CLOSE_FROM =
      find("posix_spawn_file_actions_addclosefrom_np", P, JAVA_INT);
  private static final MethodHandle CHDIR = need("chdir", P);

  /** The attributes are the same for every build. */
  private static final MemorySegment ATTRIBUTES = attributes();

  private Spawn() {}

  /** What came of it: a process, or why there is none. */
  sealed interface Spawned {
    /** Started, with this pid. */
    record Process(int pid) implements Spawned {}

    /** Not started. */
    record Failed(String reason) implements Spawned {}
  }

  /**
   * Starts the command; the program is looked up in the PATH of its own environment.
   *
   * @param directory where it starts, absolute
   * @param output the descriptor it writes to
   */
  static Spawned spawn(
      List<String> arguments, List<String> environment, Path directory, int output) {
    String program = arguments.getFirst();
    try (var arena = Arena.ofConfined()) {
      var actions = arena.allocate(512, 16);
      int _ = (int) ACTIONS_INIT.invokeExact(actions);
      try {
        prepare(arena, actions, directory, output);
        var argv = strings(arena, arguments);
        var envp = strings(arena, environment);
        var pid = arena.allocate(JAVA_INT);
        int error = ENOENT;
        for (String candidate : candidates(program, environment)) {
          var path = arena.allocateFrom(candidate);
          int code = (int) SPAWN.invokeExact(pid, path, actions, ATTRIBUTES, argv, envp);
          if (code == 0) {
            return new Spawned.Process(pid.get(JAVA_INT, 0));
          }
          // As a shell does: go on looking, and prefer to say that a program could not be executed.
          if (code != ENOENT && code != ENOTDIR) {
            error = code;
          }
          if (code != ENOENT && code != ENOTDIR && code != EACCES) {
            break;
          }
        }
        return new Spawned.Failed(reason(program, error));
      } finally {
        int _ = (int) ACTIONS_DESTROY.invokeExact(actions);
        if (ADD_CHDIR.isEmpty()) {
          int _ = (int) CHDIR.invokeExact(arena.allocateFrom("/"));
        }
      }
    } catch (Throwable e) {
      throw Libc.impossible(e);
    }
  }

  private static void prepare(Arena arena, MemorySegment actions, Path directory, int output)
      throws Throwable {
    var nothing = arena.allocateFrom("/dev/null");
    int _ = (int) ADD_OPEN.invokeExact(actions, 0, nothing, 0, 0);
    int _ = (int) ADD_DUP2.invokeExact(actions, output, 1);
    int _ = (int) ADD_DUP2.invokeExact(actions, output, 2);
    var path = arena.allocateFrom(directory.toString());
    if (ADD_CHDIR.isPresent()) {
      int _ = (int) ADD_CHDIR.get().invokeExact(actions, path);
    } else {
      int _ = (int) CHDIR.invokeExact(path);
    }
    if (ADD_CLOSE_FROM.isPresent()) {
      int _ = (int) ADD_CLOSE_FROM.get().invokeExact(actions, 3);
    } else if (CLOEXEC_DEFAULT == 0) {
      closeAllOnExec();
    }
  }

  private static void closeAllOnExec() {
    for (String name :
        Objects.requireNonNullElse(new File("/proc/self/fd").list(), new String[0])) {
      int descriptor = Integer.parseInt(name);
      if (descriptor > 2) {
        Libc.closeOnExec(descriptor);
      }
    }
  }

  private static List<String> candidates(String program, List<String> environment) {
    if (program.contains("/")) {
      return List.of(program);
    }
    return environment.stream().filter(entry -> entry.startsWith("PATH=")).findFirst().stream()
        .flatMap(entry -> List.of(entry.substring("PATH=".length()).split(":", -1)).stream())
        .map(folder -> folder.isEmpty() ? "./" + program : folder + "/" + program)
        .toList();
  }

  private static String reason(String program, int error) {
    String name = program.length() > 200 ? program.substring(0, 200) + "…" : program;
    return switch (error) {
      case ENOENT -> name + ": not found";
      case EACCES -> name + ": cannot execute: permission denied";
      case ENOEXEC -> name + ": cannot execute: not a program, or a script without #! line";
      case E2BIG ->
          "cannot execute: its arguments and environment are larger than the system allows"
              + " (128 KiB each, about 2 MiB together): hand it less, such as the name of a file";
      default -> name + ": cannot execute: error " + error + " of the system";
    };
  }

  private static MemorySegment strings(Arena arena, List<String> values) {
    var array = arena.allocate(ADDRESS, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      array.setAtIndex(ADDRESS, i, arena.allocateFrom(values.get(i)));
    }
    array.setAtIndex(ADDRESS, values.size(), MemorySegment.NULL);
    return array;
  }

  private static MemorySegment attributes() {
    try {
      var attributes = Arena.global().allocate(512, 16);
      int _ = (int) need("posix_spawnattr_init", P).invokeExact(attributes);
      var signals = Arena.global().allocate(128, 16);
      int _ = (int) need("sigemptyset", P).invokeExact(signals);
      int _ = (int) need("posix_spawnattr_setsigmask", P, P).invokeExact(attributes, signals);
      int _ = (int) need("sigfillset", P).invokeExact(signals);
      int _ = (int) need("posix_spawnattr_setsigdefault", P, P).invokeExact(attributes, signals);
      short flags = (short) (SETSIGDEF | SETSIGMASK | SETSID | CLOEXEC_DEFAULT);
      int _ = (int) need("posix_spawnattr_setflags", P, JAVA_SHORT).invokeExact(attributes, flags);
      return attributes;
    } catch (Throwable e) {
      throw Libc.impossible(e);
    }
  }

  private static Optional<MethodHandle> find(String name, MemoryLayout... parameters) {
    return Libc.find(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle need(String name, MemoryLayout... parameters) {
    return Libc.find(name, FunctionDescriptor.of(JAVA_INT, parameters)).orElseThrow();
  }
}
