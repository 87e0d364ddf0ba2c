package dev.buildonce.runners;

import dev.buildonce.supervisor.Main;
import dev.buildonce.supervisor.Protocol;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the supervisor of a home, or starts one. A supervisor with other code than ours is replaced
 * unless it has builds.
 */
final class SupervisorProcess {

  private static final Logger log = LoggerFactory.getLogger(SupervisorProcess.class);
  private static final long LONGEST_START = TimeUnit.SECONDS.toNanos(45); // ends old trees first
  private static final long LOOK = 10; // milliseconds
  private static final long PAUSE = 300; // milliseconds
  private static final long LARGEST_LOG = 1 << 20; // bytes

  private final SupervisorHome home;
  private final Duration term;
  private final SupervisorCode code;

  SupervisorProcess(SupervisorHome home, Duration term) throws IOException {
    this.home = home;
    this.term = term;
    this.code = SupervisorCode.ours();
  }

  /**
   * A link to the supervisor of the home.
   *
   * @throws BackendUnavailable when there is none, and none could be started
   */
  SupervisorLink open(Consumer<String[]> unasked) {
    long until = System.nanoTime() + LONGEST_START;
    Process started = null;
    try {
      while (System.nanoTime() - until < 0) {
        SupervisorLink link = connect(unasked);
        if (link != null) {
          return link;
        }
        if (started == null) {
          started = start();
        } else if (!started.isAlive()) {
          if (started.exitValue() != Main.ANOTHER_RUNS && started.exitValue() != 0) {
            throw new BackendUnavailable("The supervisor ended; " + home.log() + " says why", null);
          }
          // Another one has the home: it is about to go, or to come up.
          TimeUnit.MILLISECONDS.sleep(PAUSE);
          started = null;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK);
      }
    } catch (IOException e) {
      throw new BackendUnavailable("The supervisor cannot be started", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailable("Interrupted while the supervisor was started", e);
    }
    if (started != null) {
      started.destroyForcibly();
    }
    throw new BackendUnavailable("No supervisor came up; see " + home.log(), null);
  }

  private @Nullable SupervisorLink connect(Consumer<String[]> unasked) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(home.socket()));
    } catch (IOException _) {
      channel.close();
      return null;
    }
    var link = new SupervisorLink(channel, unasked);
    try {
      String[] hello = link.ask("hello " + Protocol.VERSION + " " + term.toMillis());
      if (!hello[0].equals(Integer.toString(Protocol.VERSION))) {
        log.warn(
            "The supervisor of {} speaks another protocol; it goes once its builds are unclaimed for a term",
            home.path());
        link.close();
        return null;
      }
      boolean isOurs = hello[1].equals(code.name());
      if (isOurs) {
        removeOtherCode();
        return link;
      }
      if (!hello[2].equals("0")) {
        log.info("The supervisor of {} has other code than this service, and builds", home.path());
        return link;
      }
      link.ask("quit");
    } catch (BackendUnavailable e) {
      log.debug("A supervisor is about to go", e);
    }
    link.close();
    return null;
  }

  private Process start() throws IOException {
    if (Files.exists(home.log()) && Files.size(home.log()) > LARGEST_LOG) {
      Files.move(
          home.log(),
          home.log().resolveSibling("supervisor.log.old"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var builder =
        new ProcessBuilder(
            java.toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:ErrorFile=" + home.supervisor().resolve("crash.log"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            code.copyTo(home.supervisor()).toString(),
            Main.class.getName(),
            home.path().toString(),
            home.socket().toString(),
            Long.toString(term.toMillis()),
            code.name());
    builder.environment().clear();
    builder.environment().putAll(Map.of("LANG", "C.UTF-8", "PATH", Workplace.searchPath(null)));
    return builder
        .directory(home.path().toFile())
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()))
        .start();
  }

  /** While a supervisor with our code has the home no other code is in use there. */
  private void removeOtherCode() throws IOException {
    var trash = new Trash(home.trash());
    try (var entries = Files.newDirectoryStream(home.supervisor(), Files::isDirectory)) {
      for (Path entry : entries) {
        if (!entry.endsWith(code.name())) {
          trash.remove(entry);
        }
      }
    }
  }
}
