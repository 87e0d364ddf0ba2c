package dev.buildonce.database;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A small disk of a test's own, which can be filled. Needs the right to mount one. */
public final class SmallDisk implements AutoCloseable {
  private final Path mount;

  private SmallDisk(Path mount) {
    this.mount = mount;
  }

  /** Mounts one of that size, unless there is no right to do so. */
  public static Optional<SmallDisk> mount(int mebibytes) {
    try {
      Path mount = Files.createTempDirectory("small-disk").toRealPath();
      String size = "size=" + mebibytes + "m";
      if (run("mount", "-t", "tmpfs", "-o", size, "small-disk", mount.toString())) {
        return Optional.of(new SmallDisk(mount));
      }
      Files.delete(mount);
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path path() {
    return mount;
  }

  /** Leaves so many MiB free. */
  public void fill(int free) throws IOException {
    byte[] mebibyte = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (free == 0 || Files.getFileStore(mount).getUsableSpace() > (long) free << 20) {
        out.write(mebibyte);
      }
    } catch (IOException e) {
      if (free > 0) {
        throw e;
      }
    }
  }

  /** Takes away what {@link #fill} put there. */
  public void makeRoom() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return mount.resolve("ballast");
  }

  /** Whoever used it is gone, or about to go. */
  @Override
  public void close() {
    await(mount + " is used no more").until(() -> run("umount", mount.toString()));
    try {
      Files.delete(mount);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
