package dev.buildonce.builds;

import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A directory in which builds wait for a file that a test makes. Once it is gone, as it is after a
 * test that failed, nobody waits any more.
 */
public final class Gated {
  private final Path directory;

  /** Has its gates in that directory. */
  public Gated(Path directory) {
    this.directory = directory;
  }

  /** Lines of a script that wait until this gate is open. */
  public String script(String gate) {
    return "while [ -d " + directory + " ] && [ ! -e " + path(gate) + " ]; do sleep 0.05; done\n";
  }

  /** A file in the directory, which may be a gate of which the shell makes the name. */
  public String path(String name) {
    return directory.toString() + "/" + name;
  }

  /** Lets those go on that wait at a gate. */
  public void open(String gate) throws IOException {
    try {
      Files.createFile(Path.of(path(gate)));
    } catch (FileAlreadyExistsException _) {
      return; // open before
    }
  }

  /** Waits until the document at a path says so. */
  public static void awaitText(Client client, String path, String text) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> client.get(path).text().contains(text));
  }
}
