package dev.buildonce.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one service: its embedded database, its workspaces, its spools. Readable by its
 * user only, and held by one service at a time, from the construction of this object until it is
 * closed or the process is gone.
 */
public final class Home implements AutoCloseable {

  /*
   * The operating system's lock is the process's: it neither stops a second start in this process,
   * nor survives that any channel on the file is closed here. So this process keeps its own book.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel lock;
  private final UUID id;
  private final byte[] key;

  /**
   * Makes the directory if it is missing, and takes it.
   *
   * @param directory where; its parents are made, too
   */
  Home(String directory) {
    this.directory = make(directory);
    if (!HELD.add(this.directory)) {
      throw held(this.directory, "process " + ProcessHandle.current().pid());
    }
    FileChannel taken = null;
    try {
      taken = lock(this.directory);
      this.lock = taken;
      this.id = readOrMakeId(this.directory.resolve("id"));
      this.key = readOrMakeKey(this.directory.resolve("key"));
    } catch (IOException e) {
      giveBack(this.directory, taken);
      throw unusable(this.directory, e);
    } catch (RuntimeException e) {
      giveBack(this.directory, taken);
      throw e;
    }
  }

  /** The directory itself: absolute, without symbolic links. */
  public Path directory() {
    return directory;
  }

  /**
   * A directory in this home, made if it is missing, readable by its user only.
   *
   * @param name its name, or names of directories below each other: {@code runs}, {@code a/b}
   * @throws UncheckedIOException if it cannot be made
   */
  public Path directory(String name) {
    Path made = directory.resolve(name);
    try {
      Files.createDirectories(made, onlyOwner("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return made;
  }

  /** Names this home among all others: random, made once, kept with it. */
  public UUID id() {
    return id;
  }

  /** Random bytes for this home's user alone, made once: what is signed with them is from here. */
  public byte[] key() {
    return key.clone();
  }

  /** Gives the home back, for the next start. */
  @Override
  public void close() {
    giveBack(directory, lock);
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  static FileAttribute<?>[] onlyOwner(String permissions) {
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  /** Writes a small file of ours so that a crash leaves the old content or the new, never half. */
  static void replace(Path file, String content) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    Files.createFile(next, onlyOwner("rw-------"));
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      write(channel, content);
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    flushDirectory(file);
  }

  /** Makes a new name in a directory survive a power cut. */
  static void flushDirectory(Path file) throws IOException {
    try (FileChannel parent = FileChannel.open(file.toAbsolutePath().getParent())) {
      parent.force(true);
    }
  }

  private static Path make(String name) {
    Path directory;
    try {
      directory = Path.of(name).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new StartRefused("buildonce.home is no path: " + e.getMessage(), SET_HOME, e);
    }
    try {
      if (!Files.isDirectory(directory)) {
        Path parent = directory.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.createDirectory(directory, onlyOwner("rwx------"));
      }
      return directory.toRealPath();
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    Path file = directory.resolve("lock");
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
            onlyOwner("rw-------"));
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        String holder = Files.readString(file).strip();
        throw held(directory, holder.isEmpty() ? "another process" : holder);
      }
      channel.truncate(0);
      write(channel, "process " + ProcessHandle.current().pid() + "\n");
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static UUID readOrMakeId(Path file) throws IOException {
    try {
      return UUID.fromString(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      UUID id = UUID.randomUUID();
      replace(file, id + "\n");
      return id;
    } catch (IllegalArgumentException e) {
      throw new StartRefused(
          "The file " + file + " holds no id of a home.", "Restore it, or delete it.", e);
    }
  }

  private static byte[] readOrMakeKey(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[32];
      new SecureRandom().nextBytes(random);
      replace(file, HexFormat.of().formatHex(random) + "\n");
    }
    return Files.readAllBytes(file);
  }

  private static void write(FileChannel channel, String content) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void giveBack(Path directory, @Nullable FileChannel lock) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException _) {
      // Nothing is left to do: the lock goes with the process.
    } finally {
      HELD.remove(directory);
    }
  }

  private static StartRefused held(Path directory, String holder) {
    return new StartRefused(
        "The home " + directory + " is in use by " + holder + ".",
        "Stop that one first, or give this one a home of its own: --buildonce.home=DIRECTORY");
  }

  private static StartRefused unusable(Path directory, IOException e) {
    String why =
        switch (e) {
          case AccessDeniedException denied -> "no permission for " + denied.getFile();
          case FileAlreadyExistsException file -> file.getFile() + " is no directory";
          default -> String.valueOf(e);
        };
    return new StartRefused("The home " + directory + " cannot be used: " + why + ".", SET_HOME, e);
  }

  private static final String SET_HOME =
      "Name a directory that this user may make and write: --buildonce.home=DIRECTORY";
}
