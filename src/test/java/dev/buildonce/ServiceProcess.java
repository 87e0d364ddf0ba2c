package dev.buildonce;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The service as its users start it: the jar in a process of its own, with a home of its own. A
 * process that a test does not close is ended with the JVM, together with all that lives in its
 * home: its Postgres, its supervisor, its builds.
 */
public final class ServiceProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration STOP = Duration.ofSeconds(120);
  private static final Pattern PORT = Pattern.compile("Jetty started on port (\\d+)");
  private static final Set<ServiceProcess> LIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(ServiceProcess::close)));
  }

  private final Path home;
  private final List<String> prefix;
  private final List<String> jvmArguments;
  private final List<String> program;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private final BoundedOutput output = new BoundedOutput();
  private Process process;
  private Thread copying;
  private int port;

  private ServiceProcess(Builder builder) {
    this.home = builder.home == null ? newHome() : builder.home;
    this.port = builder.port == 0 ? Ports.free() : builder.port;
    this.prefix = List.copyOf(builder.prefix);
    this.jvmArguments =
        Stream.concat(builder.quick.stream(), builder.jvmArguments.stream()).toList();
    this.program = builder.program;
    this.arguments = List.copyOf(builder.arguments);
    this.environment = Map.copyOf(builder.environment);
  }

  /** The instance for all tests that leave it as they found it, started by the first of them. */
  public static ServiceProcess shared() {
    return Shared.INSTANCE;
  }

  /** Starts a service of its own with these settings, ready when this returns. */
  public static ServiceProcess start(String... arguments) {
    return builder().arguments(arguments).start();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Where the service listens, without a slash at the end. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public URI uri(String path) {
    return URI.create(url() + path);
  }

  public int port() {
    return port;
  }

  public Path home() {
    return home;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The last of what the service wrote, over all its starts. */
  public String output() {
    return output.toString();
  }

  /** Ends the service as a power cut would; what it left behind goes on. */
  public void kill9() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Ends the service with TERM and returns its exit code. */
  public int stop() {
    process.destroy();
    return awaitExit();
  }

  /** Starts a service that was killed or stopped, with the same home, settings and port. */
  public void restart() {
    if (process != null && process.isAlive()) {
      stop();
    }
    launch();
    awaitReady();
  }

  /** Waits until a service that refuses to run has ended, and returns its exit code. */
  public int awaitExit() {
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("Did not end within " + STOP + ":\n" + output());
      }
      copying.join(Duration.ofSeconds(10)); // its last words may still be on their way
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Ends the service and everything that lives in its home, and removes the home. */
  @Override
  public void close() {
    if (!LIVE.remove(this)) {
      return;
    }
    process.destroy();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    HomeProcesses.endAll(home);
    HomeProcesses.delete(home);
  }

  private void launch() {
    var command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.addAll(program);
    command.add("--buildonce.home=" + home);
    command.add("--server.port=" + port);
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Unpacked once for all the services that tests start; arguments still say otherwise.
    builder
        .environment()
        .put(
            "BUILDONCE_DATABASE_BINARIESDIR",
            Path.of("target/postgres").toAbsolutePath().toString());
    SeenAnswers.record(builder.environment());
    builder.environment().putAll(environment);
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LIVE.add(this);
    copying = output.follow(process.getInputStream());
  }

  /** Waits until a service that was launched is ready. */
  public void awaitReady() {
    try (var client = HttpClient.newHttpClient()) {
      Awaitility.await()
          .atMost(START)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> !process.isAlive() || isReady(client));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("Not ready within " + START + ":\n" + output(), e);
    }
    if (!process.isAlive()) {
      throw new AssertionError("Ended with " + process.exitValue() + ":\n" + output());
    }
  }

  private boolean isReady(HttpClient client) throws InterruptedException {
    var line = PORT.matcher(output.ofLatestStart());
    if (!line.find()) {
      return false;
    }
    port = Integer.parseInt(line.group(1));
    var request =
        HttpRequest.newBuilder(uri("/actuator/health/readiness"))
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  private static Path newHome() {
    try {
      return Files.createTempDirectory("buildonce-").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Shared {
    static final ServiceProcess INSTANCE = builder().asShipped().start();
  }

  /** What a service is started with. */
  public static final class Builder {
    private Path home;
    private int port;
    private final List<String> prefix = new ArrayList<>();
    private final List<String> quick =
        new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    private final List<String> jvmArguments = new ArrayList<>();
    private List<String> program =
        List.of("-jar", System.getProperty("buildonce.test.jar", "target/buildonce.jar"));
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    private Builder() {}

    /** Uses this home instead of a new one; it is removed in the end, too. */
    public Builder home(Path home) {
      this.home = home;
      return this;
    }

    /**
     * Runs with the compilers and the collector that its users get, for what runs long or is
     * measured. Others start in half the processor time without, and most tests do little more.
     */
    public Builder asShipped() {
      quick.clear();
      return this;
    }

    /** Uses this port instead of a free one. */
    public Builder port(int wished) {
      port = wished;
      return this;
    }

    /** Has it started by another command, such as one that changes the user. */
    public Builder by(String... command) {
      prefix.addAll(List.of(command));
      return this;
    }

    public Builder jvmArguments(String... more) {
      jvmArguments.addAll(List.of(more));
      return this;
    }

    /** Starts this class, from the class path of the test, with this argument before all others. */
    public Builder main(String name, String argument) {
      program = List.of("-cp", System.getProperty("java.class.path"), name, argument);
      return this;
    }

    /** Settings as on the command line: {@code --buildonce.max-wait=1s}. */
    public Builder arguments(String... more) {
      arguments.addAll(List.of(more));
      return this;
    }

    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Starts the service and waits until it is ready. */
    public ServiceProcess start() {
      var service = launch();
      service.awaitReady();
      return service;
    }

    /** Starts the service and does not wait: for one that should refuse to run. */
    public ServiceProcess launch() {
      var service = new ServiceProcess(this);
      service.launch();
      return service;
    }
  }

  /** The last mebibyte of output, and where in it the latest start begins. */
  private static final class BoundedOutput {
    private static final int MOST = 1 << 20;
    private final StringBuilder text = new StringBuilder();
    private int latestStart;

    Thread follow(InputStream in) {
      synchronized (this) {
        latestStart = text.length();
      }
      // No virtual thread: reading from a pipe holds on to its carrier, of which there are few.
      return Thread.ofPlatform().daemon().start(() -> copy(in));
    }

    private void copy(InputStream in) {
      try (var reader = new InputStreamReader(in, UTF_8)) {
        var buffer = new char[8192];
        for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
          append(new String(buffer, 0, read));
        }
      } catch (IOException _) {
        // The process is gone.
      }
    }

    private synchronized void append(String more) {
      text.append(more);
      int excess = text.length() - MOST;
      if (excess > 0) {
        text.delete(0, excess);
        latestStart = Math.max(0, latestStart - excess);
      }
    }

    synchronized String ofLatestStart() {
      return text.substring(latestStart);
    }

    @Override
    public synchronized String toString() {
      return text.toString();
    }
  }
}
