package dev.buildonce;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Callers that take all they can get, and an ask beside them, on a small heap. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
@Tag("alone")
class AttackIT {

  private static final Duration PROMPTLY = Duration.ofSeconds(1);
  private static final long MEMORY = 1000L << 20;

  static ServiceProcess service;

  private final Collection<Socket> attackers = new ConcurrentLinkedQueue<>();
  private int asks;

  @BeforeAll
  static void start() throws IOException {
    service =
        ServiceProcess.builder()
            .asShipped()
            .jvmArguments("-Xmx512m", "-XX:+ExitOnOutOfMemoryError")
            .start();
    // Code that never ran is slow, whoever attacks.
    for (int i = 0; i < 200; i++) {
      ask("warm-" + i % 20);
    }
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void hangUp() throws IOException {
    for (var attacker : attackers) {
      attacker.close();
    }
  }

  @Test
  void askBesideSendersThatStallOrDripIsAnsweredAndTheyAreGivenUp() throws Exception {
    var almostAll = "x".repeat(999_999).getBytes(ISO_8859_1);
    var drippingBodies = attack(200, i -> send(connect(), post("dripping-" + i, 100)));
    var drippingHeaders =
        attack(200, i -> send(connect(), "POST /builds/header-" + i + " HTTP/1.1\r\nX: "));
    var stalled =
        attack(
            2_000,
            i -> {
              var socket = connect();
              try {
                send(socket, post("stalled-" + i, 1_000_000));
                socket.getOutputStream().write(almostAll);
              } catch (IOException _) {
                // It was refused while it was sending.
              }
              return socket;
            });
    try (var drips = Executors.newSingleThreadScheduledExecutor();
        var told = RawHttp.connect(service.port(), Duration.ofSeconds(60))) {
      drip(drips, drippingBodies, 29);
      drip(drips, drippingHeaders, 5);
      var refusal = dripUntilRefused(drips, told);

      askPromptly();
      Awaitility.await()
          .atMost(Duration.ofSeconds(50))
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () -> {
                askPromptly();
                return open(stalled) + open(drippingBodies) + open(drippingHeaders) == 0;
              });
      assertThat(refusal.get(40, TimeUnit.SECONDS))
          .satisfies(
              refused -> {
                assertThat(refused.answer().status()).isEqualTo(408);
                assertThat(refused.answer().text()).contains("/problems/request-timeout");
                assertThat(refused.after()).isLessThan(Duration.ofSeconds(40));
              });
      drips.shutdownNow();
    }

    assertThat(memory()).isLessThan(MEMORY);
    assertThat(service.output()).doesNotContain("OutOfMemory", "\tat ");
  }

  @Test
  void askBesideReadersThatStopIsAnswered() throws Exception {
    var script = "head -c 8000000 /dev/zero | tr '\\\\0' x | fold -w 99";
    assertThat(new Client(service.url()).script("/builds/large?wait=60", script).status())
        .isEqualTo(200);

    var paths = List.of("log", "log?tail=200000", "attempts/1/log?offset=0", "log?timestamps=true");
    attack(
        1_000,
        i ->
            send(
                connect(),
                "GET /builds/large/"
                    + (i % 20 == 0 ? "log/lines?count=10000" : paths.get(i % paths.size()))
                    + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*"
                    + (i % 3 == 0 ? ", text/event-stream" : "")
                    + "\r\n\r\n"));

    // As many answers at once take their time; after that their readers cost none.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              boolean prompt = true;
              for (int i = 0; prompt && i < 10; i++) {
                prompt = askBeside().isPrompt();
              }
              return prompt;
            });
    for (int i = 0; i < 20; i++) {
      askPromptly();
    }
    assertThat(memory()).isLessThan(MEMORY);
    assertThat(service.output()).doesNotContain("OutOfMemory", "\tat ");
  }

  @Test
  void askBesideTenThousandConnectionsAtOnceIsAnswered() throws Exception {
    var open = new CountDownLatch(10_000);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 10_000; i++) {
        threads.submit(
            () -> {
              attackers.add(connect());
              open.countDown();
              return null;
            });
      }
      askPromptly();
      assertThat(open.await(20, TimeUnit.SECONDS)).isTrue();
    }

    askPromptly();
    assertThat(memory()).isLessThan(MEMORY);
  }

  @Test
  void textOfCallersReachesNoLogLine() throws IOException {
    var forged = "\u001b[31m\r\n2026-01-01T00:00:00.000Z ERROR forged";
    var encoded = Client.encoded(forged);
    var client = new Client(service.url());

    client.form("/builds/forged-1?wait=30", "script=" + encoded + "&title=" + encoded);
    client.form("/builds/forged-2?wait=30", "script=" + Client.encoded("echo '" + forged + "'"));
    client.form("/builds/forged-3", "script=true&tag=" + encoded + "&requester=" + encoded);
    client.form("/builds/forged-4", "builder=" + encoded + "&" + encoded + "=1&timeout=" + encoded);
    client.json("/builds/forged-5", "{\"script\u001b\": forged\n}");
    client.form("/rebuild", "prefix=forged&why=" + encoded + "&by=" + encoded);
    client.get("/builds?prefix=" + encoded + "&tag=" + encoded);
    client.get("/builds/" + encoded);
    client.get("/" + encoded + "?" + encoded + "=" + encoded);
    client.get("/builds/forged-1/log/search?regex=true&q=" + Client.encoded("(") + encoded);
    client.get("/events", "Last-Event-ID", "forged");
    RawHttp.exchange(
        service.port(), "GET /\u001b[31mforged HTTP/1.1\r\nHost: \u001bforged\r\n\r\n");
    RawHttp.exchange(service.port(), "GET / HTTP/1.1\r\nHost: forged\u001b\r\n forged\r\n\r\n");
    RawHttp.exchange(service.port(), "FORGED\u001b / HTTP/1.1\r\nHost: localhost\r\n\r\n");

    assertThat(service.output()).doesNotContainIgnoringCase("forged").doesNotContain("\u001b");
  }

  /** All are answered; one of three promptly, as all are slow where attackers starve them. */
  private void askPromptly() throws IOException {
    List<Asked> asked = new ArrayList<>();
    do {
      asked.add(askBeside());
      assertThat(asked.getLast().status()).isIn(200, 202);
    } while (!asked.getLast().isPrompt() && asked.size() < 3);
    assertThat(asked).anyMatch(Asked::isPrompt);
  }

  private record Asked(int status, Duration took) {
    boolean isPrompt() {
      return status < 300 && took.compareTo(PROMPTLY) < 0;
    }
  }

  /** Some asks are hits and some start a build. */
  private Asked askBeside() throws IOException {
    var begin = System.nanoTime();

    var status = ask("beside-" + (asks++ % 2 == 0 ? "hit" : UUID.randomUUID()));

    return new Asked(status, Duration.ofNanos(System.nanoTime() - begin));
  }

  private static int ask(String key) throws IOException {
    return RawHttp.exchange(service.port(), post(key, 11) + "script=true").status();
  }

  private static String post(String key, int length) {
    return "POST /builds/"
        + key
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + "Content-Length: "
        + length
        + "\r\n\r\n";
  }

  private interface Attack {
    Socket open(int number) throws IOException;
  }

  private List<Socket> attack(int callers, Attack attack) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads
          .invokeAll(
              IntStream.range(0, callers)
                  .<Callable<Socket>>mapToObj(i -> () -> attack.open(i))
                  .toList())
          .stream()
          .map(
              made -> {
                attackers.add(made.resultNow());
                return made.resultNow();
              })
          .toList();
    }
  }

  private static Socket connect() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()), 20_000);
    socket.setSoTimeout(1);
    return socket;
  }

  private static Socket send(Socket socket, String message) throws IOException {
    socket.getOutputStream().write(message.getBytes(ISO_8859_1));
    return socket;
  }

  private static void drip(ScheduledExecutorService drips, List<Socket> sockets, int seconds) {
    drips.scheduleAtFixedRate(
        () -> {
          for (var socket : sockets) {
            try {
              send(socket, "x");
            } catch (IOException _) {
              // It was given up.
            }
          }
        },
        seconds,
        seconds,
        TimeUnit.SECONDS);
  }

  private record Refused(RawHttp.Answer answer, Duration after) {}

  /** Sends an ask so slowly that no single pause would have it refused, and reads the answer. */
  private static CompletableFuture<Refused> dripUntilRefused(
      ScheduledExecutorService drips, RawHttp http) throws IOException {
    var begin = System.nanoTime();
    http.send(
        "POST /builds/told HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000\r\n\r\n{");
    drips.scheduleAtFixedRate(() -> drip(http), 5, 5, TimeUnit.SECONDS);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return new Refused(http.answer(), Duration.ofNanos(System.nanoTime() - begin));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        Thread::startVirtualThread);
  }

  private static void drip(RawHttp http) {
    try {
      http.send(" ");
    } catch (IOException _) {
      // It was given up.
    }
  }

  /** How many are neither answered nor closed. */
  private static long open(List<Socket> sockets) {
    return sockets.stream().filter(AttackIT::isOpen).count();
  }

  private static boolean isOpen(Socket socket) {
    if (socket.isClosed()) {
      return false;
    }
    try {
      socket.getInputStream().read();
    } catch (SocketTimeoutException _) {
      return true;
    } catch (IOException _) {
      // It was reset.
    }
    try {
      socket.close();
    } catch (IOException _) {
      // Then it is gone, too.
    }
    return false;
  }

  /** What the service has of the machine's memory, in bytes. */
  private static long memory() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
