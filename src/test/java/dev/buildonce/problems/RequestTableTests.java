package dev.buildonce.problems;

import dev.buildonce.Edge;
import dev.buildonce.RequestTable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseBody;
import tools.jackson.databind.JsonNode;

/** The rows that no build is needed for, against the web server alone. */
class RequestTableTests {

  static Edge edge;

  @BeforeAll
  static void start() {
    edge = Edge.start(List.of(StandIn.class));
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  static Stream<RequestTable.Row> rows() {
    return RequestTable.rows().filter(row -> !row.needsBuilds());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void webServerAnswersAsTheTableSays(RequestTable.Row row) throws IOException {
    row.check(edge.port());
  }

  @Controller
  static final class StandIn {

    @GetMapping("/builds/{key}")
    @ResponseBody
    String look(@PathVariable String key) {
      return checked(key);
    }

    @PostMapping(path = "/builds/{key}", consumes = "application/json")
    @ResponseBody
    String ask(@PathVariable String key, @RequestBody JsonNode body) {
      return checked(key) + body;
    }

    @PostMapping(path = "/builds/{key}", consumes = "application/x-www-form-urlencoded")
    @ResponseBody
    String ask(@PathVariable String key, HttpServletRequest request) {
      return checked(key) + request.getParameterMap().keySet();
    }

    private static String checked(String key) {
      if (!key.matches("[A-Za-z0-9][A-Za-z0-9._:@+=~-]{0,254}")) {
        throw Refusal.invalidKey("does not fit");
      }
      return key;
    }
  }
}
