package dev.buildonce.logs.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.logs.Logs;
import dev.buildonce.logs.LogsDatabase;
import dev.buildonce.logs.TestWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that come and go, that are many, and that do not read, on two replicas. */
@Timeout(120)
class ManyReadersTests {

  private final Logs logs = LogsDatabase.replica();
  private final TestAttempts attempts = new TestAttempts(logs);
  private final AtomicInteger reconnects = new AtomicInteger();
  private final List<SocketChannel> channels = new ArrayList<>();
  private TestReplica here;
  private TestReplica elsewhere;

  @BeforeEach
  void start() {
    here = TestReplica.start(logs, attempts);
    elsewhere = TestReplica.start(LogsDatabase.replica(), attempts);
  }

  @AfterEach
  void stop() throws Exception {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    elsewhere.close();
    here.close();
  }

  @Test
  void eventsWhenReconnectedAThousandTimesBringEveryByteOnce() throws Exception {
    var readers = new ArrayList<CompletableFuture<String>>();
    TestWriter writer = attempts.start(1);
    try (var pool = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 5; i++) {
        var random = new Random(i);
        readers.add(CompletableFuture.supplyAsync(() -> read(client, random, 200), pool));
      }
      var random = new Random(9);
      var all = new StringBuilder();
      while (reconnects.get() < 1000 && readers.stream().noneMatch(CompletableFuture::isDone)) {
        String text = "€%d\n".formatted(random.nextInt(100_000)).repeat(random.nextInt(1, 9));
        byte[] bytes = text.getBytes(UTF_8);
        int split = random.nextInt(bytes.length);
        writer.append(bytes, 0, split);
        LockSupport.parkNanos(random.nextInt(5_000_000));
        writer.append(bytes, split, bytes.length);
        all.append(text);
      }
      attempts.end(1, "succeeded", null);

      for (var reader : readers) {
        assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(all.toString());
      }
      assertThat(all.length()).isGreaterThan(10_000);
    }
  }

  @Test
  void textWhenAReaderStallsOthersAndTheWriterGoOn() throws Exception {
    TestWriter writer = attempts.start(1);
    byte[] block = new byte[500_000];
    new Random(10).nextBytes(block);
    int blocks = 80;
    try (var impatient =
            TestReplica.start(logs, attempts, "server.jetty.connection-idle-timeout", "5s");
        var stalled = new Socket("127.0.0.1", impatient.port());
        HttpClient client = HttpClient.newHttpClient()) {
      stalled.getOutputStream().write("GET /log/1 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
      InputStream fast =
          client
              .send(
                  HttpRequest.newBuilder(impatient.uri("/log/1")).build(),
                  BodyHandlers.ofInputStream())
              .body();
      await().until(() -> impatient.viewers() == 2);
      long before = System.nanoTime();
      for (int i = 0; i < blocks; i++) {
        writer.append(block);
        assertThat(fast.readNBytes(block.length)).isEqualTo(block);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - before);

      System.out.printf("%d MB beside a stalled reader in %s%n", blocks / 2, took);
      assertThat(took).isLessThan(Duration.ofSeconds(30));
      await().atMost(Duration.ofSeconds(60)).until(() -> impatient.viewers() == 1);
      attempts.end(1, "succeeded", null);
      assertThat(fast.readAllBytes()).isEmpty();
    }
  }

  @Test
  void closeWhenAReaderStallsDoesNotHang() throws Exception {
    TestWriter writer = attempts.start(1);
    byte[] block = new byte[500_000];
    for (int i = 0; i < 40; i++) {
      writer.append(block);
    }
    try (var stalled = new Socket("127.0.0.1", elsewhere.port())) {
      stalled.getOutputStream().write("GET /log/1 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
      await().until(() -> elsewhere.viewers() == 1);
      stalled.setSoTimeout(60_000);
      stalled.getInputStream().readNBytes(1000);
      long before = System.nanoTime();

      elsewhere.close();

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(15));
    }
  }

  @Test
  void eventsWhenManyWatchCostLittleAndAllGetThem() throws Exception {
    int viewers = 1000;
    TestWriter writer = attempts.start(1);
    writer.append("started\n".getBytes(UTF_8));
    open(20);
    long before = usedHeap();
    open(viewers);
    await().until(() -> here.viewers() == viewers + 20);
    long heap = (usedHeap() - before) / viewers;
    writer.append("line for everybody\n".getBytes(UTF_8));
    long written = System.nanoTime();
    for (SocketChannel channel : channels) {
      readUntil(channel, "everybody");
    }
    Duration took = Duration.ofNanos(System.nanoTime() - written);

    System.out.printf("%d bytes of heap per idle viewer, clients included%n", heap);
    System.out.printf("one line to %d viewers, read one by one, in %s%n", viewers, took);
    assertThat(heap).isLessThan(20 * 1024);
    assertThat(took).isLessThan(Duration.ofSeconds(30));
    attempts.end(1, "succeeded", null);
    await().until(() -> here.viewers() == 0);
  }

  /** Reads all of it, a few events at a time, from a replica that chance names. */
  private String read(HttpClient client, Random random, int times) {
    var received = new StringBuilder();
    String lastId = null;
    for (int connection = 1; ; connection++) {
      var request =
          HttpRequest.newBuilder((random.nextBoolean() ? here : elsewhere).uri("/log/1"))
              .header("Accept", "text/event-stream");
      if (lastId != null) {
        request.header("Last-Event-ID", lastId);
      }
      int left = connection <= times ? random.nextInt(1, 5) : Integer.MAX_VALUE;
      try (var reader =
          new EventReader(client.send(request.build(), BodyHandlers.ofInputStream()).body())) {
        for (; left > 0; left--) {
          EventReader.Event event = reader.next();
          if (event.name().equals("end")) {
            return received.toString();
          }
          if (event.name().equals("log")) {
            received.append(event.data().get("text").asString());
            lastId = event.id();
          }
        }
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
      reconnects.incrementAndGet();
    }
  }

  private void open(int count) throws Exception {
    byte[] request =
        "GET /log/1 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n".getBytes(UTF_8);
    for (int i = 0; i < count; i++) {
      var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", here.port()));
      channels.add(channel);
      channel.write(ByteBuffer.wrap(request));
      readUntil(channel, "started");
    }
  }

  private static void readUntil(SocketChannel channel, String text) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    var seen = new StringBuilder();
    while (seen.indexOf(text) < 0) {
      assertThat(channel.read(buffer)).isPositive();
      seen.append(UTF_8.decode(buffer.flip()));
      buffer.clear();
    }
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
