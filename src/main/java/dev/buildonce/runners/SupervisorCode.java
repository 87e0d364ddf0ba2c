package dev.buildonce.runners;

import dev.buildonce.supervisor.Main;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The supervisor's classes, copied out of our class path (a directory, or our jar), so that a
 * rebuilt jar does not pull the ground from under a supervisor that runs.
 *
 * @param name a digest of the classes
 */
record SupervisorCode(String name, Map<String, byte[]> classes) {

  static SupervisorCode ours() throws IOException {
    String url = String.valueOf(Main.class.getResource("Main.class"));
    String all = url.substring(0, url.length() - "Main.class".length()) + "*.class";
    var classes = new TreeMap<String, byte[]>();
    for (Resource resource : new PathMatchingResourcePatternResolver().getResources(all)) {
      try (InputStream in = resource.getInputStream()) {
        classes.put(String.valueOf(resource.getFilename()), in.readAllBytes());
      }
    }
    return new SupervisorCode(digest(classes), classes);
  }

  private static String digest(Map<String, byte[]> classes) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      classes.forEach(
          (name, bytes) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
          });
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Copies the classes below that folder unless they are there; returns their class path. */
  Path copyTo(Path folder) throws IOException {
    Path place = folder.resolve(name);
    if (Files.isDirectory(place)) {
      return place;
    }
    Path draft = folder.resolve(UUID.randomUUID().toString());
    Path packages = draft.resolve(Main.class.getPackageName().replace('.', '/'));
    Workplace.createFolder(packages);
    for (var each : classes.entrySet()) {
      Files.write(packages.resolve(each.getKey()), each.getValue());
    }
    try {
      Files.move(draft, place);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException _) {
      // somebody else was faster, with the same classes
    }
    return place;
  }
}
