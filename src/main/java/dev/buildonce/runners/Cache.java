package dev.buildonce.runners;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A directory that is kept between the attempts of a pool and in no case used by two at a time.
 *
 * @param pool whose attempts share it: letters, digits, '.', '_' and '-'
 * @param name which of the pool's: the same characters
 * @param path where it appears, relative to HOME and below it
 */
public record Cache(String pool, String name, String path) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  public Cache {
    if (!NAME.matcher(pool).matches() || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("No name for a cache: " + pool + "/" + name);
    }
    Path below = Path.of(path);
    if (path.isEmpty()
        || below.isAbsolute()
        || below.startsWith("..")
        || !below.equals(below.normalize())) {
      throw new IllegalArgumentException("No path below HOME: " + path);
    }
  }
}
