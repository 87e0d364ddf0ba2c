package dev.buildonce.runners;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directories of caches, so many of each as attempts have used it at a time.
 *
 * <p>Each slot has a file beside it that names the attempt that took it last. It is in use for as
 * long as that attempt has its directory, and the attempt loses its directory only once all of its
 * processes are gone. So nothing has to be given back, and whoever is killed in between leaves no
 * slot with two users, and none without a next one.
 */
final class CacheSlots {

  private static final String USER = ".user";
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  private final SupervisorHome home;
  private final Trash trash;

  CacheSlots(SupervisorHome home, Trash trash) {
    this.home = home;
    this.trash = trash;
  }

  private record Slot(int number, boolean free, FileTime taken) {}

  /**
   * Takes a slot for an attempt that has its directory: of those free the one that was taken last,
   * or one more. To be called by one thread at a time.
   */
  Path take(Cache cache, long attempt) throws IOException {
    Path folder = home.caches().resolve(cache.pool()).resolve(cache.name());
    Workplace.createFolder(folder);
    List<Slot> slots = slots(folder, attempt);
    int number =
        slots.stream()
            .filter(Slot::free)
            .max(Comparator.comparing(Slot::taken))
            .map(Slot::number)
            .orElseGet(() -> slots.stream().mapToInt(Slot::number).max().orElse(-1) + 1);
    note(folder.resolve(number + USER), attempt);
    return open(folder.resolve(Integer.toString(number)));
  }

  private List<Slot> slots(Path folder, long attempt) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Integer> numbers =
          entries
              .map(entry -> entry.getFileName().toString())
              .map(name -> name.endsWith(USER) ? name.substring(0, name.indexOf('.')) : name)
              .filter(name -> NUMBER.matcher(name).matches())
              .map(Integer::valueOf)
              .distinct()
              .toList();
      return numbers.stream().map(number -> slot(folder, number, attempt)).toList();
    }
  }

  private Slot slot(Path folder, int number, long attempt) {
    Path user = folder.resolve(number + USER);
    try {
      FileTime taken = Files.getLastModifiedTime(user);
      return new Slot(number, isFree(Files.readString(user).strip(), attempt), taken);
    } catch (NoSuchFileException _) {
      return new Slot(number, true, FileTime.fromMillis(0));
    } catch (IOException _) {
      return new Slot(number, false, FileTime.fromMillis(0)); // nobody can tell
    }
  }

  /** An attempt that is started again, because nobody knew of its start, has its slots again. */
  private boolean isFree(String user, long attempt) {
    if (!user.matches("\\d{1,18}")) {
      return true; // the machine crashed while this was written, so no process is left
    }
    long taker = Long.parseLong(user);
    return taker == attempt || Files.notExists(home.workplace(taker).path());
  }

  private static void note(Path user, long attempt) throws IOException {
    Path draft = user.resolveSibling(user.getFileName() + ".new");
    Files.writeString(draft, attempt + "\n");
    Files.move(draft, user, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whatever a build did to its slot, the next one finds a directory that it can use. */
  private Path open(Path slot) throws IOException {
    if (Files.isDirectory(slot, LinkOption.NOFOLLOW_LINKS)) {
      Files.setPosixFilePermissions(slot, PosixFilePermissions.fromString("rwx------"));
    } else {
      trash.remove(slot);
      Workplace.createFolder(slot);
    }
    return slot;
  }
}
