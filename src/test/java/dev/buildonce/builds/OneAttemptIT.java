package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.RawHttp;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** However many ask for a key at once, one attempt is started, and all of them get it. */
@Tag("alone")
class OneAttemptIT {
  private static final int CALLERS = 10_000;

  private static ServiceProcess service;

  @BeforeAll
  static void start() {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void coldKeyAskedByThousandsAtOnceIsStartedOnce(@TempDir Path directory) throws Exception {
    // The build ends when all have asked, however long that takes on a busy machine.
    Path asked = directory.resolve("asked");

    List<RawHttp.Answer> answers =
        crowd("/builds/cold", "script=until [ -e " + asked + " ]; do sleep 0.1; done");

    Files.createFile(asked);
    Map<String, Long> byStatus =
        answers.stream()
            .map(answer -> answer.headers().get("Cache-Status").getFirst())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(byStatus)
        .containsEntry("buildonce; fwd=miss", 1L)
        .containsEntry("buildonce; fwd=miss; collapsed", CALLERS - 1L)
        .hasSize(2);
    assertThat(answers).allMatch(answer -> answer.status() == 202);
    assertThat(attempts("cold")).isOne();
  }

  @Test
  void thousandsWhoWaitAllGetTheOutcome() throws Exception {
    List<RawHttp.Answer> answers =
        crowd("/builds/waited?wait=60", "script=sleep 2; echo '42' > \"$BUILD_VALUE\"");

    assertThat(answers).allMatch(answer -> answer.status() == 200);
    assertThat(
            answers.stream()
                .map(answer -> document(answer).path("outcome").path("value").asInt())
                .distinct())
        .containsExactly(42);
    assertThat(attempts("waited")).isOne();
  }

  @Test
  void thousandsWhoseTimeIsUpAsTheBuildEndsGetOneOfBothAnswers() throws Exception {
    List<RawHttp.Answer> answers = crowd("/builds/late?wait=1", "script=sleep 1.5");

    Map<Integer, Long> byStatus =
        answers.stream()
            .collect(Collectors.groupingBy(RawHttp.Answer::status, Collectors.counting()));
    System.out.println("time up as the build ends: " + byStatus);
    assertThat(byStatus.keySet()).isSubsetOf(200, 202);
  }

  private static int attempts(String key) {
    return new Client(service.url())
        .get("/builds/" + key + "/attempts")
        .json()
        .path("attempts")
        .size();
  }

  private static JsonNode document(RawHttp.Answer answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  /** All callers connect and ask at the same moment, each on a connection of its own. */
  private static List<RawHttp.Answer> crowd(String path, String form) throws Exception {
    String body = form.replace(' ', '+').replace(";", "%3B").replace("'", "%27");
    String request =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(path, body.length(), body);
    CountDownLatch gate = new CountDownLatch(1);
    // A machine that pauses for as long as the database is waited for; curl --retry does the same.
    AtomicInteger again = new AtomicInteger();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RawHttp.Answer>> pending = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        pending.add(
            callers.submit(
                () -> {
                  gate.await();
                  RawHttp.Answer answer = ask(request);
                  for (int tries = 1; answer.status() == 503 && tries < 5; tries++) {
                    again.incrementAndGet();
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                    answer = ask(request);
                  }
                  return answer;
                }));
      }
      gate.countDown();
      List<RawHttp.Answer> answers = new ArrayList<>();
      for (Future<RawHttp.Answer> answer : pending) {
        answers.add(answer.get());
      }
      System.out.println("asked again, as the answer was 503: " + again);
      return answers;
    }
  }

  private static RawHttp.Answer ask(String request) throws IOException {
    try (RawHttp http = RawHttp.connect(service.port(), Duration.ofSeconds(90))) {
      return http.send(request).answer();
    }
  }
}
