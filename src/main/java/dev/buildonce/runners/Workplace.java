package dev.buildonce.runners;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one attempt, for its owner only: {@code work}, in which the command starts and
 * which is empty then, {@code home} and {@code tmp}, and beside them the files for value and
 * pending line. It is named by the attempt's id and by nothing that a caller chose.
 */
final class Workplace {

  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final List<String> USUAL_PATH =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private final Path path;

  Workplace(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  Path work() {
    return path.resolve("work");
  }

  /** The directories in it, which only the command needs. */
  List<Path> parts() {
    return List.of(work(), path.resolve("home"), path.resolve("tmp"));
  }

  Path value() {
    return path.resolve("value");
  }

  Path pending() {
    return path.resolve("pending");
  }

  /** Creates it afresh; false if there is one already. */
  boolean create() throws IOException {
    try {
      Files.createDirectory(path, PRIVATE);
    } catch (FileAlreadyExistsException _) {
      return false;
    }
    for (Path part : parts()) {
      Files.createDirectory(part, PRIVATE);
    }
    return true;
  }

  /** Has a directory that outlives this one appear below HOME. */
  void link(String pathInHome, Path directory) throws IOException {
    Path link = path.resolve("home").resolve(pathInHome);
    Files.createDirectories(link.getParent(), PRIVATE);
    Files.createSymbolicLink(link, directory);
  }

  static void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder, PRIVATE);
  }

  /** What only processes of this attempt have in their environment. */
  String sign() {
    return "BUILD_VALUE=" + value();
  }

  /** The whole environment of the attempt; nothing of ours is in it but directories to look in. */
  Map<String, String> environment(Command command) {
    var environment = new TreeMap<>(command.environment());
    environment.putIfAbsent("PATH", searchPath(System.getenv("PATH")));
    environment.putIfAbsent("HOME", path.resolve("home").toString());
    environment.putIfAbsent("TMPDIR", path.resolve("tmp").toString());
    environment.putIfAbsent("LANG", "C.UTF-8");
    environment.put("BUILD_KEY", command.key());
    environment.put("BUILD_ATTEMPT", Integer.toString(command.number()));
    environment.put("BUILD_VALUE", value().toString());
    environment.put("BUILD_PENDING", pending().toString());
    return environment;
  }

  static String searchPath(@Nullable String ours) {
    Set<String> folders = new LinkedHashSet<>();
    if (ours != null) {
      folders.addAll(List.of(ours.split(":", -1)));
    }
    folders.removeIf(folder -> !folder.startsWith("/")); // relative: not from this directory
    folders.addAll(USUAL_PATH);
    return String.join(":", folders);
  }
}
