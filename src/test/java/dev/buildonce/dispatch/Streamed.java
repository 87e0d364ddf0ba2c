package dev.buildonce.dispatch;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A streamed answer, which is read as it comes. */
final class Streamed {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final StringBuffer told = new StringBuffer();
  private final CompletableFuture<Void> read;

  Streamed(HttpRequest.Builder request) {
    read = CompletableFuture.runAsync(() -> read(request.build()), Thread::startVirtualThread);
  }

  private void read(HttpRequest request) {
    try (Stream<String> lines = HTTP.send(request, BodyHandlers.ofLines()).body()) {
      lines.forEach(line -> told.append(line).append('\n'));
    } catch (IOException | UncheckedIOException _) {
      told.append("cut\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until it has told this. */
  void awaitTold(String text) {
    await().atMost(Duration.ofSeconds(30)).until(() -> told.toString().contains(text));
  }

  /** All that it says until it ends in whatever way. */
  String whole() {
    read.orTimeout(120, TimeUnit.SECONDS).join();
    return told.toString();
  }
}
