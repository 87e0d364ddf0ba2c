package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A home on a small disk of its own, which fills up. Needs the right to mount one. */
class DiskIT {
  private static final int MEBIBYTES = 400;

  private static SmallDisk disk;
  private static ServiceProcess service;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    disk = SmallDisk.mount(MEBIBYTES).orElse(null);
    assumeTrue(disk != null, "no right to mount a disk");
    service =
        ServiceProcess.builder()
            .home(Files.createDirectory(disk.path().resolve("home")))
            .arguments("--buildonce.keep.free-disk=40MB")
            .start();
    client = new Client(service.url());
  }

  @AfterAll
  static void stop() {
    if (service != null) {
      service.close();
    }
    if (disk != null) {
      disk.close();
    }
  }

  @AfterEach
  void makeRoom() throws IOException {
    disk.makeRoom();
    awaitRoom();
  }

  @Test
  void belowTheFloorNothingNewIsStartedAndAllElseIsAnswered() throws Exception {
    Awaitility.await()
        .until(() -> client.script("/builds/hit?wait=60", "echo hello").status() == 200);
    awaitStarted(
        "/builds/join", "echo begun; while [ ! -e " + disk.path() + "/go ]; do sleep 0.1; done");
    disk.fill(20);
    awaitLow();

    Client.Reply start = client.script("/builds/start", "echo no");
    assertThat(start.status()).isEqualTo(503);
    assertThat(start.problem()).isEqualTo("disk-full");
    assertThat(start.header("Retry-After")).isEqualTo("30");
    assertThat(client.get("/builds/start").status()).isEqualTo(404);
    assertThat(client.script("/builds/hit", "echo hello").status()).isEqualTo(200);
    assertThat(client.get("/builds/hit/log").text()).isEqualTo("hello\n");
    assertThat(client.post("/builds/join").status()).isEqualTo(202);
    assertThat(readiness().path("status").asString()).isEqualTo("UP");

    disk.makeRoom();
    awaitRoom();
    Files.createFile(disk.path().resolve("go"));
    assertThat(client.script("/builds/start?wait=60", "echo yes").status()).isEqualTo(200);
    assertThat(client.post("/builds/join?wait=60").json().path("status").asString())
        .isEqualTo("succeeded");
  }

  @Test
  void buildThatFailsOnAFullDiskIsTriedAgain() {
    // Fills the disk to the last byte, under the feet of the database; its files go with its end.
    String script = "[ $BUILD_ATTEMPT -gt 1 ] || dd if=/dev/zero of=big bs=1M; echo fine";

    awaitStarted("/builds/full", script);

    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(
            () -> client.get("/builds/full").json().path("status").asString().equals("succeeded"));
    JsonNode first = client.get("/builds/full/attempts/1").json();
    assertThat(first.path("status").asString()).isEqualTo("errored");
    assertThat(first.path("failure").asString())
        .startsWith("Disk full, ")
        .contains("No space left on device");
    assertThat(client.get("/builds/full/log").text()).isEqualTo("fine\n");
  }

  @Test
  void logThatIsWrittenOnAFullDiskIsWholeOnceThereIsRoom() throws Exception {
    awaitStarted(
        "/builds/log",
        "echo begin; while [ ! -e %s/write ]; do sleep 0.1; done; seq 400000; echo end"
            .formatted(disk.path()));
    Awaitility.await()
        .until(() -> client.get("/builds/log/log?follow=false").text().equals("begin\n"));
    disk.fill(0);
    Files.createFile(disk.path().resolve("write"));
    awaitLow();
    // What it writes has no place to go: it waits, and nobody calls that a failure.
    Awaitility.await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(disk.path().resolve("write")));
    disk.makeRoom();

    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(
            () -> client.get("/builds/log").json().path("status").asString().equals("succeeded"));
    String expected =
        "begin\n"
            + IntStream.rangeClosed(1, 400_000)
                .mapToObj(n -> n + "\n")
                .collect(Collectors.joining())
            + "end\n";
    assertThat(client.get("/builds/log/log").text()).isEqualTo(expected);
    assertThat(client.get("/builds/log").json().path("attempt").path("number").asInt()).isOne();
  }

  /** Connections that a full disk broke may cost an ask a 503. */
  private static void awaitStarted(String path, String script) {
    Awaitility.await().until(() -> client.script(path, script).status() == 202);
  }

  private static JsonNode readiness() {
    return client.get("/actuator/health/readiness").json();
  }

  private static boolean low() {
    return readiness().path("components").path("disk").path("details").has("low");
  }

  private static void awaitLow() {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(DiskIT::low);
  }

  private static void awaitRoom() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> readiness().path("status").asString().equals("UP") && !low());
  }
}
