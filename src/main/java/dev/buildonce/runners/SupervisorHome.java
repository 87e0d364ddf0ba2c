package dev.buildonce.runners;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where in a home the supervisor and its builds have their files; each for its owner only. */
record SupervisorHome(Path path) {

  /** The path of a socket has room for 108 bytes, on macOS for 104. */
  private static final int LONGEST_SOCKET = 100;

  static SupervisorHome create(Path path) throws IOException {
    var home = new SupervisorHome(path.toAbsolutePath().normalize());
    for (Path folder :
        new Path[] {home.supervisor(), home.spools(), home.runs(), home.caches(), home.trash()}) {
      Workplace.createFolder(folder);
    }
    return home;
  }

  Path supervisor() {
    return path.resolve("supervisor");
  }

  Path log() {
    return supervisor().resolve("supervisor.log");
  }

  Path spools() {
    return path.resolve("spools");
  }

  Path spool(long attempt) {
    return spools().resolve(Long.toString(attempt));
  }

  Path runs() {
    return path.resolve("runs");
  }

  Workplace workplace(long attempt) {
    return new Workplace(runs().resolve(Long.toString(attempt)));
  }

  Path caches() {
    return path.resolve("caches");
  }

  Path trash() {
    return path.resolve("trash");
  }

  /**
   * The socket; where the home's path is too long for one, in the directory for short-lived files.
   */
  Path socket() throws IOException {
    Path socket = supervisor().resolve("socket");
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET) {
      return socket;
    }
    Path shared = Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = shared.resolve("buildonce-" + digest(path.toString()));
    Workplace.createFolder(folder);
    boolean ours =
        Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(supervisor()))
            && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
            && PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))
                .equals("rwx------");
    if (!ours) {
      throw new IOException(folder + " is not ours alone");
    }
    return folder.resolve("socket");
  }

  private static String digest(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
