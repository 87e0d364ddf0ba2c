package dev.buildonce.builds.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

class KeyInLogsTests {
  private final List<@Nullable String> seen = new ArrayList<>();
  private final MockMvcTester http =
      MockMvcTester.create(
          MockMvcBuilders.standaloneSetup(new Paths()).addInterceptors(new KeyInLogs()).build());

  @Test
  void keyIsThereWhileItsRequestIsHandledAndNoLonger() {
    assertThat(http.get().uri("/builds/web-1")).hasStatusOk();

    assertThat(seen).containsExactly("web-1");
    assertThat(MDC.get("key")).isNull();
  }

  @Test
  void keyIsThereForWhoAnswersAFailureAndNoLonger() {
    assertThat(http.get().uri("/builds/web-1/broken")).hasStatusOk();

    assertThat(seen).containsExactly("web-1");
    assertThat(MDC.get("key")).isNull();
  }

  @Test
  void keyIsGoneFromAThreadThatLeavesItsRequestToOthers() {
    assertThat(http.get().uri("/builds/web-1/later").asyncExchange()).hasStatusOk();

    assertThat(seen).containsExactly("web-1");
    assertThat(MDC.get("key")).isNull();
  }

  @Test
  void otherPathsHaveNone() {
    assertThat(http.get().uri("/builders/shell")).hasStatusOk();

    assertThat(seen).containsExactly((String) null);
  }

  @RestController
  private final class Paths {

    @GetMapping({"/builds/{key}", "/builders/{name}"})
    String now() {
      seen.add(MDC.get("key"));
      return "";
    }

    @GetMapping("/builds/{key}/broken")
    String broken() {
      throw new IllegalStateException();
    }

    @GetMapping("/builds/{key}/later")
    Callable<String> later() {
      seen.add(MDC.get("key"));
      return () -> "";
    }

    @ExceptionHandler
    String answer(IllegalStateException broken) {
      return now();
    }
  }
}
