package dev.buildonce;

import static dev.buildonce.Client.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client.Reply;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Answers that the contract document declares and that no other test asks a whole service for. */
class ContractIT {
  private static final String EVENTS = "text/event-stream";

  private final ServiceProcess service = ServiceProcess.shared();
  private final Client client = new Client(service.url());
  private final String key = "contract-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @Test
  void asksThatAreAnsweredOtherwise() {
    client.script(path + "?wait=60", "echo no; exit 1");

    Reply text = client.post(path + "?expect=success", "Accept", "text/plain");
    Reply events = client.post(path + "?expect=success&wait=1", "Accept", EVENTS);
    Reply look = client.get(path + "?expect=success&wait=1");
    Reply attempt = client.get(path + "/attempts/1?expect=success&wait=1");

    assertThat(text.status()).isEqualTo(424);
    assertThat(events.status()).isEqualTo(424);
    assertThat(look.problem()).isEqualTo("not-successful");
    assertThat(attempt.problem()).isEqualTo("not-successful");
  }

  @Test
  void answersAboutWhatIsUnderWay() {
    client.script(path, "sleep 300");

    Reply ask = client.post(path + "?expect=success&wait=1");
    Reply look = client.get(path + "?expect=success&wait=1");
    Reply attempt = client.get(path + "/attempts/1?expect=success&wait=1");
    Reply forget = delete(path);
    Reply removeLog = delete(path + "/attempts/1/log");
    Reply otherAttempt = client.post(path + "/cancel?attempt=7");
    Reply misfit = client.post(path + "/cancel?attempt=x");
    Reply cancel = client.post(path + "/cancel?ifUnwanted=true&by=me&why=test&attempt=1");
    Reply unknown = client.post(path + "-not/cancel");

    assertThat(ask.problem()).isEqualTo("not-finished");
    assertThat(look.problem()).isEqualTo("not-finished");
    assertThat(attempt.problem()).isEqualTo("not-finished");
    assertThat(forget.problem()).isEqualTo("building");
    assertThat(removeLog.problem()).isEqualTo("building");
    assertThat(otherAttempt.problem()).isEqualTo("attempt-changed");
    assertThat(misfit.problem()).isEqualTo("invalid-request");
    assertThat(cancel.status()).isEqualTo(202);
    assertThat(unknown.problem()).isEqualTo("unknown-key");
  }

  @Test
  void bothPathsOfALogAnswerAlike() {
    client.script(path + "?wait=60", "seq 100");

    for (String log : new String[] {path + "/log", path + "/attempts/1/log"}) {
      Reply whole = client.get(log + "?follow=false");
      Reply unchanged = client.get(log, "If-None-Match", whole.header("ETag"));
      assertThat(whole.text()).startsWith("1\n2\n").endsWith("100\n");
      assertThat(unchanged.status()).isEqualTo(304);
      assertThat(client.get(log + "?tail=1").text()).isEqualTo("100\n");
      assertThat(client.get(log + "?tail=1&timestamps=true").text()).endsWith("Z 100\n");
      assertThat(client.get(log + "?offset=2").text()).startsWith("2\n");
      assertThat(client.get(log, "Range", "bytes=-4").text()).isEqualTo("100\n");
      assertThat(client.get(log, "Range", "bytes=999-").problem())
          .isEqualTo("range-not-satisfiable");
      assertThat(client.get(log, "Accept", EVENTS).text()).contains("event: end");
      assertThat(client.get(log, "Accept", EVENTS, "Last-Event-ID", "1:292:end").status())
          .isEqualTo(204);
      assertThat(client.get(log, "Accept", EVENTS, "Last-Event-ID", "x").problem())
          .isEqualTo("invalid-event-id");
      assertThat(client.get(log + "?offset=1&tail=1").problem()).isEqualTo("invalid-request");
      String lines = log + "/lines?from=99&count=5&timestamps=true";
      assertThat(client.get(lines).json().path("lines").size()).isEqualTo(2);
      assertThat(client.get(lines, "If-None-Match", client.get(lines).header("ETag")).status())
          .isEqualTo(304);
      assertThat(client.get(log + "/lines?from=0").problem()).isEqualTo("invalid-request");
      String search = log + "/search?q=1&buckets=2";
      assertThat(client.get(search).json().path("complete").asBoolean()).isTrue();
      assertThat(client.get(search, "Accept", EVENTS).text()).contains("event: end");
      String some = log + "/search?q=1.&regex=true&case=true&from=2&limit=5";
      assertThat(client.get(some).json().path("hits").size()).isEqualTo(5);
      assertThat(client.get(log + "/search").problem()).isEqualTo("invalid-request");
      String folds = log + "/folds";
      assertThat(client.get(folds).json().path("folds").size()).isZero();
      assertThat(client.get(folds, "If-None-Match", client.get(folds).header("ETag")).status())
          .isEqualTo(304);
      assertThat(client.get(folds + "?x=1").problem()).isEqualTo("invalid-request");
    }
    assertThat(delete(path + "/attempts/1/log").status()).isEqualTo(204);
    assertThat(client.get(path + "/log").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/attempts/1/log").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/log/lines").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/attempts/1/log/lines").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/log/search?q=a").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/log/folds").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/attempts/1/log/search?q=a").problem()).isEqualTo("log-removed");
    assertThat(client.get(path + "/attempts/1/log/folds").problem()).isEqualTo("log-removed");
    assertThat(client.post(path, "Accept", EVENTS).problem()).isEqualTo("log-removed");
    assertThat(client.post(path, "Accept", "text/plain").text()).contains("the log was removed");
  }

  @Test
  void nothingIsKnownOfAnUnknownKey() {
    assertThat(delete(path).problem()).isEqualTo("unknown-key");
    assertThat(delete(path + "/attempts/1/log").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/log").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/log/lines").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts/1/log/lines").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/log/search?q=a").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/log/folds").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts/1/log/search?q=a").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts/1/log/folds").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts/1").problem()).isEqualTo("unknown-key");
    assertThat(client.get(path + "/attempts/1/log").problem()).isEqualTo("unknown-key");
    assertThat(client.form("/rebuild", "key=" + encoded(key)).problem()).isEqualTo("unknown-key");
    assertThat(client.form("/rebuild", "why=x").problem()).isEqualTo("invalid-request");
    assertThat(client.get("/builders/" + key).problem()).isEqualTo("unknown-builder");
  }

  @Test
  void listsAreHeldToTheirQueries() {
    client.script(path + "?wait=60", "true");
    client.form("/rebuild", "key=" + key);
    String all =
        "?builder=shell&status=succeeded&tag=&requester=x&rebuildRequested=true&limit=1&prefix=";

    assertThat(client.get("/builds?limit=1&cursor=AAAAAAAAAAAAAAAAAAAAAA").status()).isEqualTo(200);
    assertThat(client.get("/builds" + all + key).status()).isEqualTo(200);
    assertThat(client.get("/builds?limit=0").problem()).isEqualTo("invalid-request");
    assertThat(client.get(path + "/attempts?limit=1&cursor=2").status()).isEqualTo(200);
    assertThat(client.get(path + "/attempts?limit=0").problem()).isEqualTo("invalid-request");
  }

  @Test
  void operatorsGetWhatTheyAccept() {
    String openMetrics = "application/openmetrics-text";

    for (String health : new String[] {"", "/liveness", "/readiness"}) {
      String path = "/actuator/health" + health;
      Reply json =
          await()
              .until(
                  () -> client.get(path, "Accept", "application/json"),
                  reply -> reply.json().path("status").asString().equals("UP"));
      assertThat(json.header("Content-Type")).isEqualTo("application/json");
      await().until(() -> client.get(path).status() == 200);
    }
    assertThat(client.get("/actuator/health/readiness").json().path("components").propertyNames())
        .contains("builders", "database", "readinessState");
    assertThat(client.get("/actuator/prometheus").header("Content-Type")).startsWith("text/plain");
    assertThat(client.get("/actuator/prometheus", "Accept", openMetrics).header("Content-Type"))
        .startsWith(openMetrics);
  }

  @Test
  void moreCallersThanMayWaitAreToldToComeAgain() {
    try (ServiceProcess small = ServiceProcess.start("--buildonce.max-waiting=0")) {
      Client caller = new Client(small.url());

      Reply held = caller.script(path + "?wait=60", "sleep 300");

      assertThat(held.problem()).isEqualTo("too-many-waiting");
      assertThat(held.header("Retry-After")).isEqualTo("5");
    }
  }

  private Reply delete(String what) {
    return Client.send(client.request(what).DELETE());
  }
}
