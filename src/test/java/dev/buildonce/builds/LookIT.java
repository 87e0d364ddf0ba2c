package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What can be seen of builds without starting anything. */
class LookIT {
  private final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "look-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @Test
  void lookAtUnknownKeyIsNotFoundAndStartsNothing() {
    Reply first = client.get(path);
    Reply second = client.get(path);

    assertThat(first.status()).isEqualTo(404);
    assertThat(first.problem()).isEqualTo("unknown-key");
    assertThat(second.status()).isEqualTo(404);
  }

  @Test
  void lookThatWaitsIsAnsweredAtTheEnd() {
    client.script(path, "sleep 1; echo done");

    Reply reply = client.get(path + "?wait=30&expect=success");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Preference-Applied")).isEqualTo("wait=30");
    assertThat(reply.header("Cache-Control")).isEqualTo("no-cache");
    JsonNode attempt = reply.json().path("attempt");
    assertThat(attempt.path("status").asString()).isEqualTo("succeeded");
    assertThat(attempt.path("runSeconds").asDouble()).isBetween(0.9, 20.0);
    assertThat(attempt.path("log").path("bytes").asInt()).isEqualTo(5);
    assertThat(attempt.path("log").path("lines").asInt()).isEqualTo(1);
    assertThat(attempt.path("log").path("complete").asBoolean()).isTrue();
  }

  @Test
  void lookForSuccessTellsActiveFromFailed() {
    client.script(path, "sleep 1; exit 1");

    Reply active = client.get(path + "?expect=success");
    Reply failed = client.get(path + "?expect=success&wait=30");

    assertThat(active.status()).isEqualTo(504);
    assertThat(failed.status()).isEqualTo(424);
  }

  @Test
  void unchangedBuildIsNotModified() {
    client.script(path + "?wait=30", "true");
    Reply first = client.get(path);

    Reply same = client.get(path, "If-None-Match", first.header("ETag"));
    Reply any = client.get(path, "If-None-Match", "*");
    Reply none = client.get(path + "-2", "If-None-Match", "*");
    client.form(path + "?wait=30", "", "Cache-Control", "no-cache");
    Reply changed = client.get(path, "If-None-Match", first.header("ETag"));

    assertThat(same.status()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(any.status()).isEqualTo(304);
    assertThat(any.body()).isEmpty();
    assertThat(any.header("ETag")).isEqualTo(first.header("ETag"));
    assertThat(none.status()).isEqualTo(404);
    assertThat(changed.status()).isEqualTo(200);
  }

  @Test
  void attemptsAreListedNewestFirstInPages() {
    client.script(path + "?wait=30", "true");
    for (int i = 0; i < 3; i++) {
      client.form(path + "?wait=30", "", "Cache-Control", "no-cache");
    }

    List<Integer> numbers = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = client.get(path + "/attempts?limit=3" + cursor).json();
      page.path("attempts").forEach(attempt -> numbers.add(attempt.path("number").asInt()));
      cursor = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asString();
    } while (!cursor.isEmpty());

    assertThat(numbers).containsExactly(4, 3, 2, 1);
    assertThat(client.get(path + "/attempts/2").json().path("number").asInt()).isEqualTo(2);
    Reply unknown = client.get(path + "/attempts/9");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.problem()).isEqualTo("unknown-attempt");
  }

  @Test
  void attemptThatIsWaitedForNamesItself() {
    client.script(path, "sleep 1");

    Reply reply = client.get(path + "/attempts/1?wait=30&expect=success");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Content-Location")).endsWith(path + "/attempts/1");
    assertThat(reply.json().path("status").asString()).isEqualTo("succeeded");
  }

  @Test
  void refusalOfAttemptThatIsNoSuccessNamesIt() {
    client.script(path, "sleep 1; exit 3");

    Reply active = client.get(path + "/attempts/1?expect=success");
    Reply red = client.get(path + "/attempts/1?wait=30&expect=success");

    assertThat(active.status()).isEqualTo(504);
    assertThat(active.header("Content-Location")).endsWith(path + "/attempts/1");
    assertThat(red.status()).isEqualTo(424);
    assertThat(red.header("Content-Location")).endsWith(path + "/attempts/1");
  }

  @Test
  void listFiltersAndPages() {
    String tag = "t=" + UUID.randomUUID();
    for (int i = 0; i < 5; i++) {
      client.form(
          path + "-" + i + "?wait=30",
          "script="
              + (i == 0 ? "false" : "true")
              + "&requester=r-"
              + key
              + "&tag="
              + Client.encoded(tag));
    }

    List<String> keys = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = client.get("/builds?limit=2&prefix=" + key + cursor).json();
      page.path("builds").forEach(build -> keys.add(build.path("key").asString()));
      cursor = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asString();
    } while (!cursor.isEmpty());

    assertThat(keys).containsExactly(key + "-4", key + "-3", key + "-2", key + "-1", key + "-0");
    assertThat(keys("?status=failed&prefix=" + key)).containsExactly(key + "-0");
    assertThat(keys("?tag=" + Client.encoded(tag))).hasSize(5);
    assertThat(keys("?requester=r-" + key)).hasSize(5);
    assertThat(keys("?builder=nope&prefix=" + key)).isEmpty();
    assertThat(keys("?rebuildRequested=true&prefix=" + key)).isEmpty();
    assertThat(keys("?prefix=" + key.replace('-', '_'))).isEmpty();
    JsonNode listed = client.get("/builds?limit=1&prefix=" + key).json();
    assertThat(listed.path("revision").asLong()).isPositive();
    assertThat(listed.path("builds").get(0).has("params")).isFalse();
    assertThat(listed.path("builds").get(0).path("attempt").has("value")).isFalse();
  }

  private List<String> keys(String query) {
    List<String> keys = new ArrayList<>();
    client
        .get("/builds" + query)
        .json()
        .path("builds")
        .forEach(build -> keys.add(build.path("key").asString()));
    return keys;
  }

  @Test
  void unknownQueryIsRefused() {
    for (String query :
        List.of(
            "/builds?limit=0",
            "/builds?limit=501",
            "/builds?status=done",
            "/builds?cursor=x",
            "/builds?prefix=a%00b",
            "/builds?colour=1",
            path + "?expect=succes",
            path + "?wait=soon")) {
      Reply reply = client.get(query);

      assertThat(reply.status()).as(query).isEqualTo(422);
      assertThat(reply.problem()).as(query).isEqualTo("invalid-request");
    }
  }

  @Test
  void buildersTellTheirParamsAndTimes() {
    client.script(path + "?wait=30", "true");

    JsonNode shell = client.get("/builders/shell").json();

    assertThat(shell.path("params").has("script")).isTrue();
    assertThat(shell.path("version").asString()).startsWith("sha256:");
    assertThat(shell.path("runSeconds").path("p50").asDouble()).isPositive();
    assertThat(client.get("/builders").json().path("builders").size()).isPositive();
    assertThat(client.get("/builders/nope").problem()).isEqualTo("unknown-builder");
  }
}
