package dev.buildonce.runners;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A service to kill: starts a build and writes what it gets to its standard output. */
final class ServiceStandIn {

  private ServiceStandIn() {}

  public static void main(String... arguments) throws Exception {
    var backend = new LocalBackend(Path.of(arguments[0]), Duration.parse(arguments[1]), () -> {});
    long attempt = Long.parseLong(arguments[2]);
    backend.start(attempt, new Command(List.of("sh", "-c", arguments[3]), Map.of(), "key", 1));
    backend.attach(
        attempt,
        0,
        new Sink() {
          @Override
          public void bytes(ByteBuffer data) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            System.out.writeBytes(bytes);
            System.out.flush();
          }

          @Override
          public void ended(End end) {}

          @Override
          public void broken(RuntimeException reason) {
            throw reason;
          }
        });
    new CountDownLatch(1).await();
  }

  static Process start(Path home, Duration term, long attempt, String script) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ServiceStandIn.class.getName(),
            home.toString(),
            term.toString(),
            Long.toString(attempt),
            script)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
