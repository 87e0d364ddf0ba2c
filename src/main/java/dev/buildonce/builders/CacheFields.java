package dev.buildonce.builders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the field {@code caches} of a builder file. */
final class CacheFields {

  private static final int LONGEST = 200; // bytes of a path

  private CacheFields() {}

  static List<CacheDirectory> read(FieldReader builder) throws BadBuilderFile {
    List<CacheDirectory> caches = new ArrayList<>();
    for (Yaml.Node node : builder.items("caches")) {
      var fields = FieldReader.of(node, "a cache", List.of("name", "path"));
      var cache = new CacheDirectory(name(fields), path(fields));
      for (CacheDirectory other : caches) {
        if (other.name().equals(cache.name())) {
          throw fields.bad("name", "is given twice");
        }
        if (isWithin(cache, other) || isWithin(other, cache)) {
          throw fields.bad("path", "one cache cannot be within another, " + other.name());
        }
      }
      caches.add(cache);
    }
    return List.copyOf(caches);
  }

  private static boolean isWithin(CacheDirectory inner, CacheDirectory outer) {
    return Path.of(inner.path()).startsWith(outer.path());
  }

  private static String name(FieldReader fields) throws BadBuilderFile {
    String name = fields.required("name");
    if (!BuilderFile.NAME.matcher(name).matches()) {
      throw fields.bad("name", "is lower case letters, digits, '.', '_' and '-'");
    }
    return name;
  }

  private static String path(FieldReader fields) throws BadBuilderFile {
    String path = fields.required("path");
    if (path.startsWith("~")) {
      throw fields.bad("path", "is relative to HOME: leave ~/ out");
    }
    if (!isBelow(path)) {
      throw fields.bad("path", "is no path below the build's HOME");
    }
    return Path.of(path).normalize().toString();
  }

  private static boolean isBelow(String path) {
    try {
      Path whole = Path.of(path);
      for (Path part : whole) {
        if (part.toString().equals("..")) {
          return false;
        }
      }
      return !whole.isAbsolute()
          && !whole.normalize().toString().isEmpty()
          && path.getBytes(UTF_8).length <= LONGEST
          && path.codePoints().noneMatch(Character::isISOControl);
    } catch (InvalidPathException _) {
      return false;
    }
  }
}
