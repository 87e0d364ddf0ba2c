package dev.buildonce.builders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the builders as the files of a directory say. One thread at a time. */
final class BuilderDirectory {

  private static final Logger log = LoggerFactory.getLogger(BuilderDirectory.class);
  private static final String ENDING = ".yaml";
  private static final int LARGEST = 1024 * 1024;
  private static final int MOST = 10_000;

  private final Path directory;
  private final Map<String, Builder> shipped;
  private final Builders builders;

  /** What is in use of each file; a problem beside an older builder, or with none. */
  private final Map<String, Used> used = new TreeMap<>();

  /** How each file looked at the last pass: it is read once it looks the same twice. */
  private Map<String, Stamp> seen = Map.of();

  private record Used(Stamp stamp, @Nullable Builder builder, @Nullable String problem) {}

  /** Tells one content of a file from another without reading it. */
  private record Stamp(long modified, long size, @Nullable Object file) {
    static final Stamp NONE = new Stamp(0, -1, null);
  }

  /**
   * Reads the directory for the first time.
   *
   * @param directory need not exist
   * @param shipped builders that are there without a file, by name
   */
  BuilderDirectory(Path directory, Map<String, Builder> shipped, Builders builders) {
    this.directory = directory;
    this.shipped = Map.copyOf(shipped);
    this.builders = builders;
    pass(true);
  }

  /** The builders that this keeps. */
  Builders builders() {
    return builders;
  }

  /** Looks for changes. A file that is being written is left alone until the next pass. */
  void refresh() {
    pass(false);
  }

  private void pass(boolean first) {
    Map<String, String> problems = new TreeMap<>();
    try {
      Map<String, Stamp> now = scan(problems);
      read(now, first ? now : seen);
      seen = now;
    } catch (IOException | DirectoryIteratorException e) {
      problems.put(directory.toString(), "cannot be read: " + e);
    }
    used.forEach((file, use) -> problemOf(file, use, problems));
    publish(problems);
  }

  private void read(Map<String, Stamp> now, Map<String, Stamp> before) {
    for (var entry : now.entrySet()) {
      Used use = used.get(entry.getKey());
      boolean changed = use == null || !use.stamp().equals(entry.getValue());
      if (changed && entry.getValue().equals(before.get(entry.getKey()))) {
        used.put(entry.getKey(), read(entry.getKey(), entry.getValue(), use));
      }
    }
    for (String file : List.copyOf(used.keySet())) {
      if (!now.containsKey(file) && !before.containsKey(file)) {
        used.remove(file);
        log.info("{} is gone, and its builder", directory.resolve(file));
      }
    }
  }

  private static void problemOf(String file, Used use, Map<String, String> problems) {
    if (use.problem() != null) {
      problems.put(file, use.problem());
    }
  }

  private void publish(Map<String, String> problems) {
    Map<String, Builder> all = new HashMap<>(shipped);
    used.forEach(
        (file, use) -> {
          String name = file.substring(0, file.length() - ENDING.length());
          if (use.builder() == null) {
            // Its file means another builder than the shipped one: rather none than the wrong one.
            all.remove(name);
          } else {
            all.put(name, use.builder());
          }
        });
    builders.replace(all.values(), problems);
  }

  private Map<String, Stamp> scan(Map<String, String> problems) throws IOException {
    Map<String, Stamp> stamps = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.startsWith(".")) {
          continue;
        }
        if (name.endsWith(".yml")) {
          problems.put(name, "is not used: builder files end in .yaml");
        } else if (name.endsWith(ENDING) && stamps.size() < MOST) {
          stamps.put(name, stamp(file));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      if (Files.exists(directory)) {
        throw e;
      }
    }
    return stamps;
  }

  private static Stamp stamp(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(
          attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
          attributes.size(),
          attributes.fileKey());
    } catch (IOException e) {
      // Gone in this moment, or a link to nothing; reading it says so.
      return Stamp.NONE;
    }
  }

  private Used read(String file, Stamp stamp, @Nullable Used before) {
    Builder kept = before == null ? null : before.builder();
    String consequence =
        kept == null ? "there is no such builder until it is mended" : "the older one stays";
    Used now;
    try {
      String name = file.substring(0, file.length() - ENDING.length());
      Builder builder = BuilderFile.parse(name, content(directory.resolve(file)));
      log.info("Builder {} is read from {}", name, directory.resolve(file));
      return new Used(stamp, builder, null);
    } catch (BadBuilderFile e) {
      now = new Used(stamp, kept, e.getMessage() + "; " + consequence);
    } catch (IOException e) {
      // May be mended without a new time stamp, by chmod for one: tried again at each pass.
      now = new Used(Stamp.NONE, kept, "cannot be read: " + e + "; " + consequence);
    }
    if (before == null || !Objects.equals(now.problem(), before.problem())) {
      log.warn("{}: {}", directory.resolve(file), now.problem());
    }
    return now;
  }

  private static String content(Path file) throws IOException, BadBuilderFile {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    }
    if (bytes.length > LARGEST) {
      throw new BadBuilderFile("larger than " + LARGEST + " bytes");
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadBuilderFile("no UTF-8 text");
    }
  }
}
