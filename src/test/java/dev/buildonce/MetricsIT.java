package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The metrics that the contract, the README, dashboard and alerts name are there, in a service. */
class MetricsIT {
  private static final Pattern NAME = Pattern.compile("\\b[a-z]+_[a-z_]+\\b(?=[{\\[)]| |$)");

  /** The metric of Prometheus itself, and words of its language. */
  private static final Set<String> NOT_OURS = Set.of("up", "histogram_quantile");

  private final Client client = new Client(ServiceProcess.shared().url());

  @Test
  void contractsMetricsAreCounted() {
    String key = "metrics-" + UUID.randomUUID();
    client.script("/builds/" + key + "?wait=60", "echo hello");
    client.post("/builds/" + key);
    client.form("/rebuild", "key=" + key);

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(scraped())
                    .contains(
                        "buildonce_asks_total{answer=\"hit\",builder=\"shell\"",
                        "buildonce_asks_total{answer=\"start\",builder=\"shell\"",
                        "buildonce_builds_started_total{builder=\"shell\"",
                        "buildonce_builds_ended_total{builder=\"shell\",status=\"succeeded\"",
                        "buildonce_builds_in_progress{builder=\"shell\"",
                        "buildonce_build_run_seconds_bucket{builder=\"shell\",status=\"succeeded\"",
                        "buildonce_build_queue_seconds_bucket{builder=\"shell\"",
                        "buildonce_saved_seconds_total{builder=\"shell\"",
                        "buildonce_rebuild_requests_total{result=\"flagged\"",
                        "buildonce_log_bytes_total{builder=\"shell\"",
                        "buildonce_queue_length{pool=\"local\"",
                        "buildonce_viewers"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"src/ops/grafana-dashboard.json", "src/ops/prometheus-alerts.yaml", "README.md"})
  void whatIsNamedForOperatorsIsThere(String file) throws IOException {
    contractsMetricsAreCounted();
    Set<String> scraped = names(scraped());

    Set<String> named = new TreeSet<>();
    String text = Files.readString(Path.of(file));
    if (file.endsWith(".md")) {
      Pattern.compile("^\\| `(buildonce_[a-z_]+)", Pattern.MULTILINE)
          .matcher(text)
          .results()
          .forEach(name -> named.add(name.group(1)));
    } else {
      JsonNode document =
          file.endsWith(".json")
              ? JsonMapper.shared().readTree(text)
              : YAMLMapper.builder().build().readTree(text);
      document
          .findValues("expr")
          .forEach(
              expression ->
                  NAME.matcher(expression.asString())
                      .results()
                      .map(found -> found.group())
                      .filter(name -> !NOT_OURS.contains(name))
                      .forEach(named::add));
    }

    assertThat(named).hasSizeGreaterThan(5);
    assertThat(named).allSatisfy(name -> assertThat(scraped).anyMatch(has -> is(has, name)));
  }

  private static boolean is(String scraped, String name) {
    return scraped.equals(name) || scraped.equals(name + "_count");
  }

  private String scraped() {
    return client.get("/actuator/prometheus").text();
  }

  private static Set<String> names(String text) {
    Set<String> names = new TreeSet<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> names.add(line.replaceAll("[{ ].*", "")));
    return names;
  }
}
