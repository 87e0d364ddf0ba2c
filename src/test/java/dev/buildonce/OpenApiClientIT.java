package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import client.ApiClient;
import client.ApiException;
import client.api.BuildsApi;
import client.api.LogsApi;
import client.api.SecondThoughtsApi;
import client.api.ServiceApi;
import client.model.Ask;
import client.model.AttemptStatus;
import client.model.Build;
import client.model.BuildStatus;
import client.model.Rebuild;
import client.model.RebuildResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

/** The contract document, as the service serves it and as a client that is generated from it. */
class OpenApiClientIT {
  private static final ServiceProcess SERVICE = ServiceProcess.shared();
  private final ApiClient client = client();
  private final BuildsApi builds = new BuildsApi(client);
  private final String key = "generated-" + UUID.randomUUID();

  private static ApiClient client() {
    ApiClient client = new ApiClient();
    client.updateBaseUri(SERVICE.url());
    client.setReadTimeout(Duration.ofSeconds(90));
    return client;
  }

  @Test
  void documentIsJsonAndOnRequestYaml() {
    Client plain = new Client(SERVICE.url());

    var json = plain.get("/v3/api-docs");
    var yaml = plain.get("/v3/api-docs", "Accept", "application/yaml");
    var unchanged = plain.get("/v3/api-docs", "If-None-Match", json.header("ETag"));
    var neither = plain.get("/v3/api-docs", "Accept", "text/csv");
    var misspelt = plain.get("/v3/api-docs?from=here");

    assertThat(json.header("Content-Type")).isEqualTo("application/json");
    assertThat(json.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(json.json().path("openapi").asString()).isEqualTo("3.1.0");
    assertThat(yaml.header("Content-Type")).isEqualTo("application/yaml");
    assertThat(
            JsonMapper.shared()
                .<tools.jackson.databind.JsonNode>valueToTree(new Yaml().load(yaml.text())))
        .isEqualTo(json.json());
    assertThat(yaml.header("ETag")).isNotEqualTo(json.header("ETag")).isNotEmpty();
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(neither.problem()).isEqualTo("not-acceptable");
    assertThat(misspelt.problem()).isEqualTo("invalid-request");
  }

  @Test
  void generatedClientAsksLooksAndReads() throws ApiException {
    Ask ask =
        new Ask()
            .params(Map.of("script", "echo hello; echo '{\"n\": 1}' > \"$BUILD_VALUE\""))
            .tags(List.of("by=generated"));

    Build built = builds.ask(key, null, "60", null, null, null, ask);
    Build seen = builds.look(key, null, null, null, null);

    assertThat(built.getStatus()).isEqualTo(BuildStatus.SUCCEEDED);
    assertThat(built.getOutcome().getStatus()).isEqualTo(AttemptStatus.SUCCEEDED);
    assertThat(built.getOutcome().getValue()).isEqualTo(Map.of("n", 1));
    assertThat(built.getOutcome().getRunSeconds()).isPositive();
    assertThat(seen.getOutcome()).isEqualTo(built.getOutcome());
    assertThat(seen.getTags()).containsExactly("by=generated");
    assertThat(builds.attempt(key, 1, null, null, null, null)).isEqualTo(built.getAttempt());
    assertThat(builds.attempts(key, null, null, null).getAttempts()).hasSize(1);
    assertThat(
            builds
                .listBuilds(key, null, null, List.of("by=generated"), null, null, 1, null, null)
                .getBuilds())
        .extracting(Build::getKey)
        .containsExactly(key);
    assertThat(new LogsApi(client).log(key, false, null, null, null, null, null, null, null))
        .isEqualTo("hello\n");
    assertThat(new ServiceApi(client).builder("shell", null).getName()).isEqualTo("shell");
  }

  @Test
  void generatedClientChangesItsMind() throws ApiException {
    SecondThoughtsApi thoughts = new SecondThoughtsApi(client);
    builds.ask(key, null, "60", null, null, null, new Ask().params(Map.of("script", "exit 1")));

    var report = thoughts.rebuild(new Rebuild().keys(List.of(key)).why("flaky").by("me"));
    Build flagged = builds.look(key, null, null, null, null);
    thoughts.forget(key);
    ApiException gone =
        catchThrowableOfType(ApiException.class, () -> builds.look(key, null, null, null, null));

    assertThat(report.getResults())
        .extracting(RebuildResult::getResult)
        .containsExactly(RebuildResult.ResultEnum.FLAGGED);
    assertThat(flagged.getStatus()).isEqualTo(BuildStatus.FAILED);
    assertThat(flagged.getRebuildRequest().getWhy()).isEqualTo("flaky");
    assertThat(gone.getCode()).isEqualTo(404);
    assertThat(gone.getResponseBody()).contains("/problems/unknown-key");
  }
}
