package dev.buildonce.builds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.RawHttp;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /builds/{key}} as pipelines use it. */
class AskIT {
  private final int port = ServiceProcess.shared().port();
  private final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "ask-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @Test
  void askOfUnknownKeyStartsAttempt() {
    Reply reply = client.script(path, "echo hi");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(reply.header("Location")).endsWith(path + "/attempts/1");
    assertThat(Integer.parseInt(reply.header("Retry-After"))).isPositive();
    assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
    assertThat(reply.json().path("status").asString()).isIn("queued", "running");
    assertThat(reply.json().path("attempt").path("reason").asString()).isEqualTo("missing");
  }

  @Test
  void askThatWaitsIsAnsweredWithOutcomeAndLaterAsksHit() {
    Reply first = client.script(path + "?wait=30", "echo '{\"v\": 1.20}' >\"$BUILD_VALUE\"");
    Reply again = client.script(path, "echo '{\"v\": 1.20}' >\"$BUILD_VALUE\"");

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("Preference-Applied")).isEqualTo("wait=30");
    assertThat(first.header("Cache-Status")).isEqualTo("buildonce; fwd=miss");
    assertThat(first.text()).contains("\"value\":{\"v\": 1.20}");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.header("Cache-Status")).isEqualTo("buildonce; hit");
    assertThat(again.json().path("attempt").path("number").asInt()).isEqualTo(1);
  }

  @Test
  void askByPreferHeaderWaitsAndIsCapped() {
    Reply reply = client.form(path, "script=true", "Prefer", "respond-async, wait=99999");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Preference-Applied")).isEqualTo("wait=600");
  }

  @Test
  void everyAnswerToARequestThatAskedToWaitSaysSo() {
    for (Reply reply :
        List.of(
            client.script("/builds/-bad?wait=20", "true"),
            client.script(path + "?wait=20&colour=red", "true"),
            client.form(path, "script=true&priority=no", "Prefer", "wait=20"),
            client.get("/builds/-bad", "Prefer", "wait=20"),
            client.get(path + "/attempts/1?wait=20"))) {
      assertThat(reply.status()).isBetween(400, 422);
      assertThat(reply.header("Preference-Applied")).isEqualTo("wait=20");
    }
    assertThat(client.get(path + "?wait=soon", "Prefer", "wait=5").headers().map())
        .doesNotContainKey("preference-applied");
    assertThat(client.get("/builders", "Prefer", "wait=5").headers().map())
        .doesNotContainKey("preference-applied");
  }

  @Test
  void emptyTitleIsTheDefaultOne() {
    Reply reply = client.form(path + "?wait=30", "script=echo+hi&title=");

    assertThat(reply.json().path("title").asString()).isEqualTo("echo hi");
  }

  @Test
  void scriptThatBeginsWithADashIsNoOption() {
    Reply reply = client.script(path + "?wait=30", "-x 2>/dev/null || echo ran");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(client.get(path + "/log").text()).isEqualTo("ran\n");
  }

  @Test
  void joinWithoutTimeoutAsksForTheBuilders() {
    client.form(path, "script=sleep+3&timeout=2s");

    Reply reply = client.post(path + "?wait=30");

    assertThat(reply.header("Cache-Status")).isEqualTo("buildonce; fwd=miss; collapsed");
    assertThat(reply.status()).isEqualTo(200);
  }

  @Test
  void formOfAPageIsAnsweredWithThePageToSee() {
    String browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (String accept : List.of(browser, "text/html")) {
      for (Reply reply :
          List.of(
              client.form(path, "script=sleep+60", "Accept", accept),
              client.form("/rebuild", "key=" + key, "Accept", accept),
              client.form(path + "/cancel", "", "Accept", accept))) {
        assertThat(reply.status()).isEqualTo(303);
        assertThat(reply.header("Location")).endsWith(path);
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.headers().allValues("Vary")).contains("Accept");
      }
      client.get(path + "?wait=30");
    }
    Reply many = client.form("/rebuild", "prefix=" + key + "&dryRun=true", "Accept", browser);
    Reply refused = client.form(path, "script=false", "Accept", browser);

    assertThat(many.header("Location")).isEqualTo(ServiceProcess.shared().url() + "/");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.header("Content-Type")).startsWith("text/html");
  }

  @Test
  void askWhenWaitIsTooShortIsStillAccepted(@TempDir Path directory) throws IOException {
    Gated gated = new Gated(directory);
    client.script(path, gated.script("go"));
    Gated.awaitText(client, path, "\"status\":\"running\"");

    Reply reply = client.post(path + "?wait=500ms");
    gated.open("go");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("Retry-After")).isNotEmpty();
    assertThat(reply.json().path("status").asString()).isEqualTo("running");
  }

  @Test
  void failuresAreCachedTooAndOnlyExpectTellsThemApart() {
    Reply first = client.script(path + "?wait=30&expect=success", "echo broken pipe; exit 3");
    Reply plain = client.post(path);
    Reply expecting = client.post(path + "?expect=success");

    assertThat(first.status()).isEqualTo(424);
    assertThat(first.problem()).isEqualTo("not-successful");
    assertThat(first.json().path("build").path("key").asString()).isEqualTo(key);
    assertThat(plain.status()).isEqualTo(200);
    assertThat(plain.json().path("outcome").path("exitCode").asInt()).isEqualTo(3);
    assertThat(plain.json().path("outcome").path("failure").asString())
        .isEqualTo("broken pipe (exit 3)");
    assertThat(expecting.status()).isEqualTo(424);
    assertThat(expecting.header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void expectWhenNotFinishedIsNoVerdict() {
    Reply reply = client.script(path + "?expect=success", "sleep 3");

    assertThat(reply.status()).isEqualTo(504);
    assertThat(reply.problem()).isEqualTo("not-finished");
    assertThat(reply.header("Retry-After")).isNotEmpty();
  }

  @Test
  void askWhenAttemptIsActiveJoins() {
    client.script(path, "sleep 3");

    Reply reply = client.script(path, "sleep 3");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("Cache-Status")).isEqualTo("buildonce; fwd=miss; collapsed");
    assertThat(reply.json().path("attempt").path("number").asInt()).isEqualTo(1);
  }

  @Test
  void onlyIfCachedNeverStartsOrJoins() {
    Reply unknown = client.script(path, "sleep 3", "Cache-Control", "only-if-cached");
    client.script(path, "sleep 3");
    Reply active = client.script(path, "sleep 3", "Cache-Control", "only-if-cached");

    assertThat(unknown.status()).isEqualTo(504);
    assertThat(unknown.problem()).isEqualTo("not-cached");
    assertThat(active.status()).isEqualTo(504);
    assertThat(active.json().path("build").path("attempt").path("number").asInt()).isEqualTo(1);
  }

  @Test
  void noCacheStartsAlthoughAnOutcomeIsThere() {
    client.script(path + "?wait=30", "true");

    Reply reply = client.script(path + "?wait=30", "true", "Cache-Control", "no-cache");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Cache-Status")).isEqualTo("buildonce; fwd=stale; detail=too-old");
    assertThat(reply.json().path("outcome").path("number").asInt()).isEqualTo(2);
  }

  @Test
  void otherInputsAreAConflictAndChangeNothing() {
    client.script(path + "?wait=30", "true");

    Reply reply = client.script(path, "false");

    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.problem()).isEqualTo("key-conflict");
    assertThat(reply.json().path("errors").get(0).path("field").asString())
        .isEqualTo("params.script");
    assertThat(client.get(path).json().path("attempt").path("number").asInt()).isEqualTo(1);
  }

  @Test
  void emptyBodyRepeatsWhatIsKnownOrSaysThatNothingIs() {
    Reply unknown = client.post(path);
    client.script(path + "?wait=30", "true");
    Reply known = client.post(path);

    assertThat(unknown.status()).isEqualTo(422);
    assertThat(unknown.problem()).isEqualTo("unknown-build");
    assertThat(known.status()).isEqualTo(200);
  }

  @Test
  void jsonAndFormNameTheSameInputs() {
    Reply json =
        client.json(
            path + "?wait=30",
            """
            {"builder": "shell", "params": {"script": "true"}, "title": "T", "tags": ["a", "b"],
             "priority": 5, "timeout": "10m", "requester": "me"}
            """);
    Reply form =
        client.form(path, "builder=shell&params.script=true&title=other&tag=c&tag=d&timeout=90");

    assertThat(json.status()).isEqualTo(200);
    assertThat(json.json().path("title").asString()).isEqualTo("T");
    assertThat(json.json().path("tags").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(json.json().path("attempt").path("requester").asString()).isEqualTo("me");
    assertThat(form.status()).isEqualTo(200);
    assertThat(form.json().path("title").asString()).isEqualTo("T");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'params': {'script': 'true'}, 'colour': 1} | colour",
        "{'params': {'scrpt': 'true'}} | params.scrpt",
        "{'params': {'script': 1}} | params.script",
        "{'builder': 'nope', 'params': {}} | builder",
        "{'params': {'script': 'true'}, 'priority': 101} | priority",
        "{'params': {'script': 'true'}, 'priority': '\u0665'} | priority",
        "{'params': {'script': 'true'}, 'timeout': 'soon'} | timeout",
        "{'params': {'script': 'true'}, 'timeout': '2h'} | timeout",
        "{'params': {'script': 'true'}, 'tags': 'a'} | tags",
        "{'params': {'script': 'true'}, 'title': 'a\\nb'} | title",
        "{'params': {'script': 'true'}, 'title': 'a', 'title': 'b'} | title",
        "{'params': {'script': 'a\\u0000b'}} | params.script",
        "{'params': {'script': 'a\\ud800b'}} | params.script",
      })
  void unfitFieldsAreNamed(String json, String field) {
    Reply reply = client.json(path, json.replace('\'', '"'));

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.problem()).isEqualTo("invalid-build");
    assertThat(reply.json().path("errors").get(0).path("field").asString()).isEqualTo(field);
    assertThat(client.get(path).status()).isEqualTo(404);
  }

  @Test
  void formThatIsJsonIsTold() {
    Reply reply = client.form(path, "{\"params\":{\"script\":\"true\"}}");

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.text()).contains("this looks like JSON");
  }

  @Test
  void textAskShowsLogBetweenOurLines() {
    Reply started = client.script(path, "echo one; printf two", "Accept", "text/plain");
    Reply hit = client.script(path, "echo one; printf two", "Accept", "text/plain");

    assertThat(started.status()).isEqualTo(202);
    assertThat(started.header("Location")).endsWith(path + "/attempts/1/log");
    assertThat(started.text().lines().toList())
        .satisfies(
            lines -> {
              assertThat(lines.getFirst()).startsWith("buildonce: started").contains("http://");
              assertThat(String.join("\n", lines)).contains("\none\ntwo\n");
              assertThat(lines.getLast()).matches("buildonce: succeeded in \\d+\\.\\d s");
            });
    assertThat(started.headers().allValues("Vary")).contains("Accept");
    assertThat(hit.status()).isEqualTo(200);
    assertThat(hit.text())
        .startsWith("buildonce: hit")
        .contains("\none\ntwo\nbuildonce: succeeded");
  }

  @Test
  void textAskForSuccessIsCutWhenRedAnd424OnceCached() {
    assertThatThrownBy(
            () ->
                client.script(path + "?expect=success", "echo no; exit 1", "Accept", "text/plain"))
        .isInstanceOf(UncheckedIOException.class);
    Reply cached = client.post(path + "?expect=success", "Accept", "text/plain");

    assertThat(cached.status()).isEqualTo(424);
    assertThat(cached.header("Content-Type")).startsWith("text/plain");
    assertThat(cached.text()).contains("\nno\n").endsWith("buildonce: failed: no (exit 1)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
  void textAskForSuccessIsCutAlsoWhereTheConnectionEndsWithIt(String version) throws IOException {
    String green = closing(version, path + "-green?expect=success", "true");
    String red = closing(version, path + "-red?expect=success", "exit 1");

    assertThat(RawHttp.exchange(port, green).text()).contains("\nbuildonce: succeeded");
    assertThatThrownBy(() -> RawHttp.exchange(port, red)).isInstanceOf(IOException.class);
  }

  private static String closing(String version, String target, String script) {
    String body = "script=" + script.replace(' ', '+');
    return "POST %s %s\r\nHost: localhost\r\nConnection: close\r\nAccept: text/plain\r\n"
            .formatted(target, version)
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body);
  }

  @Test
  void textHitIsShortenedByTail() {
    client.script(path + "?wait=30", "seq 1 100");

    Reply reply = client.post(path + "?tail=2", "Accept", "text/plain");

    assertThat(reply.text().lines().skip(1).limit(2)).containsExactly("99", "100");
  }

  @Test
  void eventAskStreamsLogStatusAndEnd() {
    Reply reply = client.script(path, "echo hello", "Accept", "text/event-stream");

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("Content-Type")).startsWith("text/event-stream");
    assertThat(reply.text())
        .contains("id: 1:6\nevent: log\ndata: {\"offset\":0,\"line\":1,\"text\":\"hello\\n\"}")
        .contains("event: status\n")
        .contains("id: 1:6:end\nevent: end\n");
  }
}
