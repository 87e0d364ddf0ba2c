package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ServiceProcessIT {

  private static final String PROBE =
      "GET /actuator/health/liveness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  @Test
  void restartWhenItWasKilledAnswersAtTheSamePort() throws IOException {
    try (var service = ServiceProcess.start()) {
      int port = service.port();
      long pid = service.pid();

      service.kill9();
      assertThat(service.isAlive()).isFalse();
      service.restart();

      assertThat(service.port()).isEqualTo(port);
      assertThat(service.pid()).isNotEqualTo(pid);
      assertThat(RawHttp.exchange(port, PROBE).status()).isEqualTo(200);
    }
  }

  @Test
  void stopEndsWithTheExitCodeOfTerm() {
    try (var service = ServiceProcess.start()) {
      assertThat(service.stop()).isEqualTo(128 + 15);
      assertThat(service.output()).doesNotContain("Exception");
    }
  }

  @Test
  void closeLeavesNothingBehind() {
    var service = ServiceProcess.start();
    var home = service.home();
    assertThat(HomeProcesses.of(home)).extracting(ProcessHandle::pid).contains(service.pid());

    service.kill9();
    service.close();

    assertThat(HomeProcesses.of(home)).isEmpty();
    assertThat(Files.exists(home)).isFalse();
  }

  @Test
  void startWhenLocalAndAddressIsNotLoopbackIsRefusedInOneLine() {
    try (var service = ServiceProcess.builder().arguments("--server.address=0.0.0.0").launch()) {

      assertThat(service.awaitExit()).isNotZero();
      assertThat(service.output().lines())
          .filteredOn(line -> line.contains("server.address"))
          .singleElement()
          .asString()
          .startsWith("server.address is 0.0.0.0, but buildonce.access=local")
          .contains("set server.address=127.0.0.1, or buildonce.access=open");
      assertThat(service.output()).doesNotContain("\tat ");
    }
  }
}
