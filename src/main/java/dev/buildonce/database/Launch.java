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

  /** How many looks in a row must find nothing at work before a start counts as failed. */
  private static final int QUIET = 10;

  private static final Pattern REASON =
      Pattern.compile("(?:FATAL|PANIC|error): *(?!.*starting up)(.*)");

  private final CompletableFuture<EmbeddedPostgres> started = new CompletableFuture<>();
  private final Path data;
  private final Path output;
  private final Thread thread;

  /**
   * Begins a start.
   *
   * @param data its data directory
   * @param output where the server's words go; emptied first
   */
  Launch(Builder builder, Path data, Path output) throws IOException {
    this.data = data;
    this.output = output;
    Files.deleteIfExists(output);
    Files.createFile(output, Home.onlyOwner("rw-------"));
    this.thread = Thread.ofPlatform().daemon().name("postgres-start").start(() -> run(builder));
  }

  EmbeddedPostgres await(Duration most) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    try {
      int quiet = 0;
      while (true) {
        try {
          return started.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          quiet = isAtWork() ? 0 : quiet + 1;
          if (quiet == QUIET || System.nanoTime() - end > 0) {
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

  /**
   * Unpacking says nothing yet; then initdb and pg_ctl are at work, and then the server is there.
   */
  private boolean isAtWork() throws IOException {
    return Files.size(output) == 0
        || Postmaster.of(data).isPresent()
        || ProcessHandle.current()
            .children()
            .anyMatch(child -> child.info().commandLine().orElse("").contains(data.toString()));
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

  /** The server's own words, if it said why, else the last there are, else what we know. */
  private String said(String otherwise) throws IOException {
    String words = Files.readString(output, ISO_8859_1);
    return REASON
        .matcher(words)
        .results()
        .map(result -> result.group(1))
        .findFirst()
        .or(() -> words.lines().filter(line -> !line.isBlank()).reduce((_, last) -> last))
        .orElse(otherwise);
  }
}
