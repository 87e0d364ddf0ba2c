package dev.buildonce.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.Edge;
import dev.buildonce.RawHttp;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@ExtendWith(OutputCaptureExtension.class)
class AccessTests {

  static Edge edge;

  @BeforeAll
  static void start() {
    edge =
        Edge.start(
            List.of(WhoAndWhere.class),
            "--buildonce.hosts=CI.example.com:8080,other.example.com.",
            "--server.forward-headers-strategy=native");
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @Test
  void askWhenHostIsConfiguredIsAnswered() throws IOException {
    assertThat(post("Host: ci.example.com").status()).isEqualTo(200);
    assertThat(post("Host: Other.Example.com:9").status()).isEqualTo(200);
    assertThat(post("Host: third.example.com").status()).isEqualTo(403);
  }

  @Test
  void askWhenForwardedHeadersAreTrustedIsStillJudgedByTheRawHost() throws IOException {
    assertThat(post("Host: evil.example\r\nX-Forwarded-Host: localhost").status()).isEqualTo(403);
    assertThat(post("Host: evil.example\r\nForwarded: host=localhost").status()).isEqualTo(403);
    assertThat(post("Host: localhost\r\nX-Forwarded-Host: evil.example").status()).isEqualTo(200);
  }

  @Test
  void askWhenOriginIsOursIsAnswered() throws IOException {
    assertThat(post("Host: localhost:9\r\nOrigin: http://LOCALHOST:9").status()).isEqualTo(200);
    assertThat(post("Host: localhost\r\nOrigin: http://localhost").status()).isEqualTo(200);
    assertThat(post("Host: localhost\r\nOrigin: http://localhost:80").status()).isEqualTo(200);
    assertThat(post("Host: localhost\r\nOrigin: https://localhost").status()).isEqualTo(403);
    assertThat(post("Host: localhost\r\nOrigin: http://127.0.0.1").status()).isEqualTo(403);
    assertThat(post("Host: localhost\r\nOrigin: not a url").status()).isEqualTo(403);
    assertThat(post("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil").status())
        .isEqualTo(403);
  }

  @Test
  void linksFollowTheRequest() throws IOException {
    assertThat(post("Host: localhost:123").text())
        .isEqualTo("http://localhost:123/builds/a 127.0.0.1");
    assertThat(post("Host: [::1]:123").text()).isEqualTo("http://[::1]:123/builds/a 127.0.0.1");
    assertThat(
            post("Host: localhost\r\nX-Forwarded-Host: ci.example.com\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 10.1.1.1")
                .text())
        .isEqualTo("https://ci.example.com/builds/a 10.1.1.1");
  }

  @Test
  void linksWhenPublicUrlIsSetStartWithIt() throws IOException {
    try (var other =
        Edge.start(
            List.of(WhoAndWhere.class), "--buildonce.public-url=https://ci.example.com/cache/")) {

      var answer =
          RawHttp.exchange(
              other.port(), request("Host: ci.example.com\r\nOrigin: https://ci.example.com"));

      assertThat(answer.text()).isEqualTo("https://ci.example.com/cache/builds/a 127.0.0.1");
    }
  }

  @Test
  void startWhenLocalAndAddressIsNotLoopbackIsRefused(CapturedOutput output) {
    for (var address : List.of("0.0.0.0", "::", "")) {
      assertThatThrownBy(() -> Edge.start(List.of(), "--server.address=" + address).close())
          .hasRootCauseInstanceOf(NotLoopback.class);
    }

    assertThat(output)
        .contains("server.address is 0.0.0.0, but buildonce.access=local listens on loopback only")
        .contains("server.address is empty");
  }

  @Test
  void startWhenOpenSaysWhatThatMeans(CapturedOutput output) {
    Edge.start(List.of(), "--server.address=0.0.0.0", "--buildonce.access=open").close();

    assertThat(output).contains("whoever reaches port 0 of 0.0.0.0 can run commands as the user");
  }

  @Test
  void startWhenPublicUrlIsNoneIsRefused() {
    for (var url : List.of("ci.example.com", "ftp://ci.example.com", "https://ci.example.com/?a")) {
      assertThatThrownBy(() -> Edge.start(List.of(), "--buildonce.public-url=" + url).close())
          .rootCause()
          .hasMessageContaining("buildonce.public-url");
    }
  }

  private static RawHttp.Answer post(String headers) throws IOException {
    return RawHttp.exchange(edge.port(), request(headers));
  }

  private static String request(String headers) {
    return "POST /where HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n"
        + headers
        + "\r\n\r\n";
  }

  @RestController
  static final class WhoAndWhere {

    private final Links links;

    WhoAndWhere(Links links) {
      this.links = links;
    }

    @PostMapping(path = "/where", produces = "text/plain")
    String where(HttpServletRequest request) {
      return links.of(request).to("/builds/a") + " " + Caller.of(request).requester();
    }
  }
}
