package dev.buildonce.runners;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A service to kill: starts a build and writes what it gets to its standard output. */
final class ServiceStandIn {

  private ServiceStandIn() {}

  public static void main(String... arguments) throws Exception {
    var backend = new LocalBackend(Path.of(arguments[0]), Duration.parse(arguments[1]), () -> {});
    backend.start(1, new Command(List.of("sh", "-c", arguments[2]), Map.of(), "key", 1));
    backend.attach(
        1,
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
    System.in.transferTo(OutputStream.nullOutputStream()); // until who started it is gone
  }

  /**
   * Runs a service until its build, attempt 1, has written so many bytes; kills it, returns them.
   */
  static byte[] killAfter(int bytes, Path home, Duration term, String script) throws Exception {
    Process service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ServiceStandIn.class.getName(),
                home.toString(),
                term.toString(),
                script)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      var first = new FutureTask<>(() -> service.getInputStream().readNBytes(bytes));
      Thread.ofPlatform().start(first);
      return first.get(60, TimeUnit.SECONDS);
    } finally {
      service.destroyForcibly().waitFor();
    }
  }
}
