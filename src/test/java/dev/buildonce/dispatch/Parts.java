package dev.buildonce.dispatch;

import static org.awaitility.Awaitility.await;

import dev.buildonce.HomeProcesses;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The processes that a service consists of, to be killed one by one. */
final class Parts {
  private final ServiceProcess service;

  Parts(ServiceProcess service) {
    this.service = service;
  }

  /** Kills them, all at once as far as that is possible, as KILL does. */
  void kill(String... names) {
    List<ProcessHandle> victims = List.of(names).stream().map(this::process).toList();
    victims.forEach(ProcessHandle::destroyForcibly);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> victims.stream().noneMatch(ProcessHandle::isAlive));
  }

  private ProcessHandle process(String name) {
    return switch (name) {
      case "service" -> ProcessHandle.of(service.pid()).orElseThrow();
      case "supervisor" -> supervisors().getFirst();
      case "postgres" -> postgres();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** The supervisors of the home: at most one, but for moments. */
  List<ProcessHandle> supervisors() {
    return HomeProcesses.of(service.home()).stream()
        .filter(
            each -> each.info().commandLine().orElse("").contains("dev.buildonce.supervisor.Main"))
        .toList();
  }

  ProcessHandle postgres() {
    Path file = service.home().resolve("database/data/postmaster.pid");
    try {
      return ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst().strip()))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The embedded database. */
  JdbcClient database() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl("jdbc:postgresql://127.0.0.1:" + read("port") + "/buildonce");
    source.setUser("buildonce");
    source.setPassword(read("password"));
    return JdbcClient.create(source);
  }

  private String read(String name) {
    try {
      return Files.readString(service.home().resolve("database").resolve(name)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal by its name. */
  static void signal(String name, long pid) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
