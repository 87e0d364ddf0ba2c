package dev.buildonce.runners;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Reads what a build left as its value, once no process of it is left that could change it. */
final class ValueFile {

  private ValueFile() {}

  static Value read(Path file) {
    try {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        return new Value.Bad(
            attributes.isSymbolicLink()
                ? "is a link, not a file"
                : attributes.isDirectory() ? "is a directory, not a file" : "is no regular file");
      }
      if (attributes.size() > Value.LARGEST) {
        return new Value.Bad("has " + attributes.size() + " bytes, more than " + Value.LARGEST);
      }
      try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return new Value.Json(in.readNBytes(Value.LARGEST));
      }
    } catch (NoSuchFileException _) {
      return new Value.None();
    } catch (IOException e) {
      return new Value.Bad("cannot be read: " + e.getMessage());
    }
  }
}
