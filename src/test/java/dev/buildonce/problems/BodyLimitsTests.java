package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.RawHttp;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BodyLimitsTests {

  static final String POST = "POST / HTTP/1.1\r\nHost: localhost\r\n";

  final BodyMemory memory = new BodyMemory(8_000);
  final Server server = new Server();
  final ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory());

  @BeforeEach
  void start() throws Exception {
    server.addConnector(connector);
    start(Duration.ofSeconds(30));
  }

  /** Starts the server anew with this time for a body. */
  private void start(Duration most) throws Exception {
    server.stop();
    var context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new Reader()), "/");
    var problems = new JettyProblems(List.of());
    var limits = new BodyLimits(10_000, most, memory, problems);
    limits.setHandler(context);
    server.setErrorHandler(problems);
    server.setHandler(limits);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void readWhenBodyDripsFailsAtTheDeadline() throws Exception {
    start(Duration.ofSeconds(1));
    var started = System.nanoTime();
    try (var http = connect()) {
      http.send(POST + "Content-Length: 100\r\n\r\na");

      var dripping =
          Thread.ofVirtual()
              .start(
                  () ->
                      Awaitility.await()
                          .pollInterval(Duration.ofMillis(100))
                          .atMost(Duration.ofSeconds(20))
                          .until(() -> !drips(http)));
      var answer = http.answer();

      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.text()).contains("/problems/request-timeout");
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
      assertThat(http.isClosedByServer()).isTrue();
      dripping.join();
    }
  }

  @Test
  void readWhenBodyComesInTimeSucceedsAndKeepsTheConnection() throws Exception {
    try (var http = connect()) {
      for (int i = 0; i < 3; i++) {
        http.send(POST + "Content-Length: 10\r\n\r\n01234");
        Awaitility.await().pollDelay(Duration.ofMillis(100)).until(() -> true);
        http.send("56789");

        assertThat(http.answer().text()).isEqualTo("10");
      }
    }
    // A deadline that outlived its request would fail the next one on the connection.
    start(Duration.ofSeconds(2));
    try (var http = connect()) {
      http.send(POST + "Content-Length: 10\r\n\r\n01234");
      http.send("56789");
      assertThat(http.answer().text()).isEqualTo("10");

      Awaitility.await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
      http.send(POST + "Content-Length: 3\r\n\r\nabc");
      assertThat(http.answer().text()).isEqualTo("3");
    }
  }

  @Test
  void readWhenBodyIsTooLongAnswersItsSenderAfterTheLastByte() throws Exception {
    try (var http = connect()) {
      http.send(POST + "Content-Length: 3000000\r\n\r\n" + "a".repeat(3_000_000));

      assertThat(http.answer().status()).isEqualTo(413);
    }
    try (var http = connect()) {
      http.send(
          POST
              + "Transfer-Encoding: chunked\r\n\r\n2DC6C0\r\n"
              + "a".repeat(3_000_000)
              + "\r\n0\r\n\r\n");

      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void readWhenBodiesTakeAllMemoryRefusesLargeOnesOnly() throws Exception {
    try (var first = connect();
        var second = connect();
        var small = connect()) {
      first.send(POST + "Content-Length: 10000\r\n\r\n" + "a".repeat(9_999));
      Awaitility.await().until(() -> memory.left() < 3_000);
      second.send(POST + "Content-Length: 9000\r\n\r\n" + "a".repeat(9_000));
      small.send(POST + "Content-Length: 4000\r\n\r\n" + "a".repeat(4_000));

      var refused = second.answer();

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.text()).contains("/problems/unavailable");
      assertThat(refused.header("Retry-After")).isEqualTo("5");
      assertThat(small.answer().text()).isEqualTo("4000");
      first.send("a");
      assertThat(first.answer().text()).isEqualTo("10000");
    }
    Awaitility.await().until(() -> memory.left() == 8_000);
    try (var http = connect()) {
      http.send(POST + "Content-Length: 9000\r\n\r\n" + "a".repeat(9_000));

      assertThat(http.answer().text()).isEqualTo("9000");
    }
  }

  @Test
  void readWhenSenderAsksFirstContinuesOnlyWithBodiesThatFit() throws Exception {
    try (var http = connect()) {
      http.send(POST + "Expect: 100-continue\r\nContent-Length: 3000000\r\n\r\n");

      assertThat(http.answer().status()).isEqualTo(413);
    }
    try (var http = connect()) {
      http.send(POST + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");

      assertThat(http.answer().status()).isEqualTo(100);
      http.send("abc");
      assertThat(http.answer().text()).isEqualTo("3");
    }
  }

  private RawHttp connect() throws IOException {
    return RawHttp.connect(connector.getLocalPort(), Duration.ofSeconds(20));
  }

  private static boolean drips(RawHttp http) {
    try {
      http.send("a");
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Answers with the length of the body, or as the advice would. */
  static final class Reader extends HttpServlet {
    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      try {
        response.getWriter().print(request.getInputStream().readAllBytes().length);
      } catch (IOException | RuntimeException e) {
        var problem = ProblemOf.thrown(e);
        if (problem == null) {
          throw e;
        }
        Problems.send(problem, request, response);
      }
    }
  }
}
