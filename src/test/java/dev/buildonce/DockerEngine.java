package dev.buildonce;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testcontainers.utility.TestcontainersConfiguration;

/**
 * Asks a Docker engine what it has, within ten seconds and without Testcontainers, which would wait
 * minutes for a registry that is not there.
 */
final class DockerEngine {

  private DockerEngine() {}

  /** Whether Testcontainers can start this image without pulling anything at all. */
  static boolean canStart(String image) {
    return has(image)
        && (cleansUpItself() || has(ryuk()))
        && (knowsItsHost() || has("alpine:3.17"));
  }

  private static boolean cleansUpItself() {
    return Boolean.parseBoolean(System.getenv("TESTCONTAINERS_RYUK_DISABLED"));
  }

  private static boolean knowsItsHost() {
    return System.getenv("TESTCONTAINERS_HOST_OVERRIDE") != null
        || !Files.exists(Path.of("/.dockerenv"));
  }

  private static String ryuk() {
    return TestcontainersConfiguration.getInstance().getRyukImage();
  }

  /** Whether it has this image. */
  static boolean has(String image) {
    var answer = CompletableFuture.supplyAsync(() -> status("/images/" + image + "/json"));
    try {
      return answer.get(10, TimeUnit.SECONDS).contains(" 200 ");
    } catch (ExecutionException | TimeoutException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String status(String path) {
    try (SocketChannel channel = SocketChannel.open(address())) {
      channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(US_ASCII)));
      ByteBuffer start = ByteBuffer.allocate(64);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      return new String(start.array(), 0, start.position(), US_ASCII)
          .lines()
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static SocketAddress address() {
    String host = System.getenv("DOCKER_HOST");
    URI uri = URI.create(host == null ? "unix:///var/run/docker.sock" : host);
    return uri.getScheme().equals("unix")
        ? UnixDomainSocketAddress.of(uri.getPath())
        : new InetSocketAddress(uri.getHost(), uri.getPort());
  }
}
