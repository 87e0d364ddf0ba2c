package dev.buildonce.database;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks the embedded Postgres's programs, where zonky looks for them, in one step. zonky's own
 * way leaves half of them if it is cut short, and every start after that fails.
 */
final class Binaries implements PgBinaryResolver {

  private static final Logger log = LoggerFactory.getLogger(Binaries.class);

  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path directory;
  private volatile @Nullable Platform platform;

  private record Platform(String system, String machine) {}

  /**
   * Unpacks nothing yet.
   *
   * @param directory where to; services may share it
   */
  Binaries(Path directory) {
    this.directory = directory;
  }

  Path directory() {
    return directory;
  }

  @Override
  public InputStream getPgBinary(String system, String machine) throws IOException {
    platform = new Platform(system, machine);
    byte[] archive = archive(system, machine);
    Path target = target(archive);
    if (!Files.exists(target.resolve(".exists"))) {
      unpack(archive, target);
    }
    return new ByteArrayInputStream(archive);
  }

  /**
   * Forgets what was unpacked if it is not what was packed: a power cut may have left files without
   * their content. Sound programs stay, as another service may be using them.
   */
  void discardDamaged() throws IOException {
    Platform asked = platform;
    if (asked == null) {
      return;
    }
    byte[] archive = archive(asked.system(), asked.machine());
    Path target = target(archive);
    if (!isWhole(archive, target)) {
      remove(target);
    }
  }

  private static byte[] archive(String system, String machine) throws IOException {
    try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine)) {
      return in.readAllBytes();
    }
  }

  private Path target(byte[] archive) {
    return directory.resolve("PG-" + md5(archive));
  }

  private static boolean isWhole(byte[] archive, Path unpacked) throws IOException {
    try (var tar = open(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (!isWhole(entry, tar, unpacked.resolve(entry.getName()))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isWhole(TarArchiveEntry entry, InputStream content, Path file)
      throws IOException {
    byte[] packed = content.readAllBytes();
    try {
      if (entry.isDirectory() || entry.isLink()) {
        return Files.exists(file);
      }
      if (entry.isSymbolicLink()) {
        return Files.readSymbolicLink(file).equals(Path.of(entry.getLinkName()));
      }
      return Arrays.equals(packed, Files.readAllBytes(file))
          && (!isExecutable(entry) || Files.isExecutable(file));
    } catch (IOException e) {
      log.debug("{} cannot be read: {}", file, e.toString());
      return false;
    }
  }

  private static boolean isExecutable(TarArchiveEntry entry) {
    return (entry.getMode() & 0100) != 0;
  }

  /** In one step for whoever looks for it; another service may be doing the same. */
  private void remove(Path target) throws IOException {
    Path removed = Files.createTempDirectory(directory, "unpacking-").resolve("removed");
    try {
      Files.move(target, removed, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      log.debug("{} is removed already", target);
    }
    FileSystemUtils.deleteRecursively(removed.getParent());
  }

  private static TarArchiveInputStream open(byte[] archive) throws IOException {
    return new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)));
  }

  private void unpack(byte[] archive, Path target) throws IOException {
    Files.createDirectories(directory);
    removeAbandoned();
    Path next = Files.createTempDirectory(directory, "unpacking-");
    extract(archive, next);
    Files.createFile(next.resolve(".exists"));
    try {
      publish(next, target);
    } catch (IOException e) {
      FileSystemUtils.deleteRecursively(next);
      if (!Files.exists(target.resolve(".exists"))) {
        throw e;
      }
      // Another service was faster.
    }
  }

  /** Fails where another service's are in place, which that may be starting from by now. */
  private static void publish(Path next, Path target) throws IOException {
    try {
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(target.resolve(".exists"))) {
        throw e;
      }
      FileSystemUtils.deleteRecursively(target);
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void extract(byte[] archive, Path into) throws IOException {
    try (var tar = open(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = into.resolve(entry.getName()).normalize();
        if (!file.startsWith(into)) {
          throw new IOException("an entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
          Files.createLink(file, into.resolve(entry.getLinkName()));
        } else {
          Files.copy(tar, file);
          if (isExecutable(entry) && !file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
          }
        }
      }
    }
  }

  private void removeAbandoned() throws IOException {
    try (var left = Files.newDirectoryStream(directory, "unpacking-*")) {
      for (Path one : left) {
        Instant touched = Files.getLastModifiedTime(one).toInstant();
        if (touched.plus(ABANDONED).isBefore(Instant.now())) {
          FileSystemUtils.deleteRecursively(one);
        }
      }
    }
  }

  /** Names a version: zonky's choice. */
  private static String md5(byte[] archive) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(archive));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
