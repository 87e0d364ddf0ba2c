package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** DELETE of builds and of logs. */
class RemovalIT {
  private final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "removal-" + UUID.randomUUID();
  private final String path = "/builds/" + key;
  private Gated gated;

  @BeforeEach
  void gates(@TempDir Path directory) {
    gated = new Gated(directory);
  }

  @Test
  void removedBuildIsForgottenButTheNumbersOfItsAttempts() {
    client.script(path + "?wait=60", "echo one");
    client.post(path + "?wait=60", "Cache-Control", "no-cache");

    Reply removed = client.delete(path);

    assertThat(removed.status()).isEqualTo(204);
    assertThat(removed.body()).isEmpty();
    for (String gone : new String[] {"", "/attempts", "/attempts/2", "/log", "/attempts/1/log"}) {
      Reply reply = client.get(path + gone);
      assertThat(reply.status()).as(gone).isEqualTo(404);
      assertThat(reply.problem()).as(gone).isEqualTo("unknown-key");
    }
    assertThat(client.get("/builds?prefix=" + key).json().path("builds").isEmpty()).isTrue();
    assertThat(client.post(path).problem()).isEqualTo("unknown-build");
    assertThat(client.delete(path).problem()).isEqualTo("unknown-key");
    assertThat(client.form("/rebuild", "key=" + key).status()).isEqualTo(404);

    Reply anew = client.script(path + "?wait=60", "echo one");
    assertThat(anew.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(anew.json().path("attempt").path("number").asInt()).isEqualTo(3);
    assertThat(client.get(path + "/attempts/2").problem()).isEqualTo("unknown-attempt");
    assertThat(client.get(path + "/attempts").json().path("attempts").size()).isEqualTo(1);
  }

  @Test
  void activeBuildIsNotRemoved() throws Exception {
    client.script(path, gated.script("go"));

    Reply refused = client.delete(path);
    gated.open("go");
    client.get(path + "?wait=60");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("building");
    assertThat(refused.json().path("build").path("key").asString()).isEqualTo(key);
    assertThat(client.delete(path).status()).isEqualTo(204);
  }

  @Test
  void buildWhoseProcessesAreBeingEndedIsNotRemoved() throws Exception {
    client.script(path, "trap '' TERM; echo deaf; " + gated.script("go"));
    Gated.awaitText(client, path + "/log?follow=false", "deaf");
    client.post(path + "/cancel");

    Reply refused = client.delete(path);
    gated.open("go");
    client.get(path + "?wait=60");

    assertThat(refused.problem()).isEqualTo("building");
    assertThat(client.delete(path).status()).isEqualTo(204);
  }

  @Test
  void removalIsTheWayOutOfAKeyConflict() {
    client.script(path + "?wait=60", "echo wrong");
    Reply conflict = client.script(path, "echo right");

    client.delete(path);
    Reply reply = client.script(path + "?wait=60", "echo right");

    assertThat(conflict.problem()).isEqualTo("key-conflict");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(client.get(path + "/log").text()).isEqualTo("right\n");
  }

  @Test
  void removedLogIsGoneAndSoIsWhatWasQuotedOfIt() {
    client.script(path + "?wait=60", "printf 'error: the password is hunter%d\n' 2; exit 3");
    assertThat(client.get(path).text()).contains("hunter2");

    Reply removed = client.delete(path + "/attempts/1/log");

    assertThat(removed.status()).isEqualTo(204);
    for (String log : new String[] {"/log", "/attempts/1/log"}) {
      Reply reply = client.get(path + log);
      assertThat(reply.status()).as(log).isEqualTo(410);
      assertThat(reply.problem()).as(log).isEqualTo("log-removed");
    }
    Reply build = client.get(path);
    assertThat(build.json().path("status").asString()).isEqualTo("failed");
    JsonNode outcome = build.json().path("outcome");
    assertThat(outcome.path("exitCode").asInt()).isEqualTo(3);
    assertThat(outcome.path("failure").asString()).isEqualTo("exit 3, and its log was removed");
    for (String shown :
        new String[] {"", "/attempts", "/attempts/1", "?expect=success", "/attempts/1?wait=1"}) {
      assertThat(client.get(path + shown).text()).as(shown).doesNotContain("hunter2");
    }
    Reply hit = client.post(path);
    assertThat(hit.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(hit.text()).doesNotContain("hunter2");
    Reply text = client.post(path, "Accept", "text/plain");
    assertThat(text.status()).isEqualTo(200);
    assertThat(text.text()).contains("the log was removed").doesNotContain("hunter2");
    assertThat(client.delete(path + "/attempts/1/log").status()).isEqualTo(204);
  }

  @Test
  void documentHasAnotherTagOnceItNoLongerQuotesItsLog() {
    client.script(path + "?wait=60", "echo fatal: no; exit 1");
    String before = client.get(path).header("ETag");

    client.delete(path + "/attempts/1/log");

    assertThat(client.get(path, "If-None-Match", before).status()).isEqualTo(200);
  }

  @Test
  void logThatIsStillWrittenIsNotRemoved() throws Exception {
    client.script(path, gated.script("go"));

    Reply refused = client.delete(path + "/attempts/1/log");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("building");
  }

  @Test
  void logOfAnEarlierAttemptIsRemovedWhileALaterOneRuns() throws Exception {
    client.script(
        path + "?wait=60", "echo $BUILD_ATTEMPT; [ $BUILD_ATTEMPT = 1 ] || " + gated.script("go"));
    client.post(path, "Cache-Control", "no-cache");

    assertThat(client.delete(path + "/attempts/1/log").status()).isEqualTo(204);
    assertThat(client.get(path + "/attempts/1/log").status()).isEqualTo(410);
    gated.open("go");
    client.get(path + "?wait=60");
    assertThat(client.get(path + "/log").text()).isEqualTo("2\n");
  }

  @Test
  void unknownAttemptAndKeyAreNotFound() {
    Reply unknown = client.delete(path + "/attempts/1/log");
    client.script(path + "?wait=60", "true");

    assertThat(unknown.problem()).isEqualTo("unknown-key");
    for (String number : new String[] {"2", "0", "x", "99999999999"}) {
      Reply reply = client.delete(path + "/attempts/" + number + "/log");
      assertThat(reply.status()).as(number).isEqualTo(404);
      assertThat(reply.problem()).as(number).isEqualTo("unknown-attempt");
    }
    assertThat(client.delete(path + "?colour=red").status()).isEqualTo(422);
    assertThat(client.get(path).status()).isEqualTo(200);
  }
}
