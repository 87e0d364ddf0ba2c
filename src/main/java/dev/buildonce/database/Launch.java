package dev.buildonce.database;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres.Builder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * One start of the server, which notices at once when it failed; zonky waits for the whole term.
 */
final class Launch {

  private static final Pattern FAILED = Pattern.compile("pg_ctl: (error:|could not)");
  private static final Pattern REASON =
      Pattern.compile("(?:FATAL|PANIC|error): *(?!.*starting up)(.*)");

  private final CompletableFuture<EmbeddedPostgres> started = new CompletableFuture<>();
  private final Path output;
  private final Thread thread;

  /**
   * Begins a start.
   *
   * @param output where the server's words go; emptied first
   */
  Launch(Builder builder, Path output) throws IOException {
    this.output = output;
    Files.deleteIfExists(output);
    Files.createFile(output, Home.onlyOwner("rw-------"));
    this.thread = Thread.ofPlatform().daemon().name("postgres-start").start(() -> run(builder));
  }

  EmbeddedPostgres await(Duration most) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    try {
      while (true) {
        try {
          return started.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          if (FAILED.matcher(Files.readString(output, ISO_8859_1)).find()
              || System.nanoTime() - end > 0) {
            throw giveUp();
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(said(String.valueOf(e.getCause())), e.getCause());
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while Postgres starts");
    }
  }

  private void run(Builder builder) {
    try {
      started.complete(builder.start());
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }

  /** Interrupted, zonky returns as if it had started; closed, it lets go of the data directory. */
  private IOException giveUp() throws IOException, InterruptedException {
    thread.interrupt();
    String failure = "no sign of life";
    try {
      started.get(10, TimeUnit.SECONDS).close();
    } catch (ExecutionException | TimeoutException | IOException e) {
      failure = e.toString();
    }
    return new IOException(said(failure));
  }

  /** The server's own words, if it said why, else what we know. */
  private String said(String otherwise) throws IOException {
    return REASON
        .matcher(Files.readString(output, ISO_8859_1))
        .results()
        .map(result -> result.group(1))
        .findFirst()
        .orElse(otherwise);
  }
}
