package dev.buildonce.supervisor;

import java.nio.file.Path;

/**
 * The form of a spool, which the service reads as well: the bytes from {@code n * SIZE} on, up to
 * SIZE of them, are the file {@code n}.
 */
public final class Segments {

  /** Bytes of a full segment. */
  public static final long SIZE = 4 << 20;

  private static final String SUFFIX = ".spool";

  private Segments() {}

  /** The file in that folder that holds the byte at the offset. */
  public static Path holding(Path folder, long offset) {
    return folder.resolve(offset / SIZE + SUFFIX);
  }

  static boolean isSegment(Path file) {
    return file.toString().endsWith(SUFFIX);
  }

  static long firstOffset(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length())) * SIZE;
  }
}
