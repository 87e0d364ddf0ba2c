package dev.buildonce.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.chaos.History.Told;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** One caller that does what callers do, at random, until its time is up. */
final class Caller {
  private static final String[] WAITS = {"", "wait=1", "wait=5", "wait=20"};

  private final Recorder recorder;
  private final List<Replica> replicas;
  private final List<String> keys;
  private final String ask;
  private final SplittableRandom random;
  private final long until;

  Caller(
      Recorder recorder,
      List<Replica> replicas,
      List<String> keys,
      String ask,
      SplittableRandom random,
      long until) {
    this.recorder = recorder;
    this.replicas = replicas;
    this.keys = keys;
    this.ask = ask;
    this.random = random;
    this.until = until;
  }

  void run() throws InterruptedException {
    while (System.nanoTime() < until) {
      String key = keys.get(random.nextInt(keys.size()));
      try {
        call(key, random.nextInt(100));
      } catch (UncheckedIOException _) {
        // Cut or refused: nothing was said.
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(20, 300));
    }
  }

  private void call(String key, int dice) throws InterruptedException {
    long begin = System.nanoTime();
    if (dice < 35) {
      Replica replica = replicas.get(random.nextInt(replicas.size()));
      Reply reply = replica.client().json("/builds/" + key + query(), ask);
      recorder.ask(replica.service().home().toString(), key, begin, reply);
      recorder.build(key, begin, reply, true);
    } else if (dice < 45) {
      text(key, random.nextBoolean());
    } else if (dice < 55) {
      String query = query();
      Reply reply = replica().get("/builds/" + key + query);
      if (reply.status() != 404) {
        recorder.build(key, begin, reply, query.contains("expect"));
      }
    } else if (dice < 70) {
      String more = List.of("", "", "&whileBuilding=again", "&build=true").get(random.nextInt(4));
      recorder.rebuild(key, begin, replica().form("/rebuild", "key=" + key + more));
    } else if (dice < 74) {
      Reply reply = replica().post("/builds/" + key + "/cancel");
      if (reply.status() != 404 && reply.status() != 202) {
        recorder.refused(key, reply);
      }
    } else {
      read(key, dice < 87);
    }
  }

  /** Asks as a script does, and follows what comes. */
  private void text(String key, boolean success) throws InterruptedException {
    long begin = System.nanoTime();
    HttpRequest.Builder request =
        replica()
            .request(
                "/builds/" + key + (success ? "?expect=success" : ""),
                "Accept",
                "text/plain",
                "Content-Type",
                "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(ask));
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    int status = 0;
    String type = "";
    String location = "";
    boolean complete = false;
    try {
      var response = Reader.open(request);
      status = response.statusCode();
      type = response.headers().firstValue("Content-Type").orElse("");
      location = response.headers().firstValue("Location").orElse("");
      try (InputStream in = response.body()) {
        in.transferTo(got);
        complete = true;
      }
    } catch (IOException _) {
      // Cut: that much was said.
    }
    String text = got.toString(UTF_8);
    if (type.startsWith("text/plain")) {
      int attempt = Integer.parseInt(location.replaceAll(".*/attempts/(\\d+)/log", "$1"));
      recorder.text(key, begin, new Told(key, attempt, status, success, text, complete));
    } else if (status != 0) {
      recorder.refused(key, status, text);
    }
  }

  private void read(String key, boolean plain) throws InterruptedException {
    long begin = System.nanoTime();
    Reply reply = replica().get("/builds/" + key);
    JsonNode build = reply.status() == 404 ? null : recorder.build(key, begin, reply, false);
    if (build == null || !build.path("attempt").isObject()) {
      return;
    }
    int attempt = build.path("attempt").path("number").asInt();
    long end = begin + TimeUnit.SECONDS.toNanos(20);
    Reader reader = new Reader(recorder, this::replica, key, attempt, end);
    if (plain) {
      reader.plain();
    } else {
      reader.events();
    }
  }

  private Client replica() {
    return replicas.get(random.nextInt(replicas.size())).client();
  }

  private String query() {
    String wait = WAITS[random.nextInt(WAITS.length)];
    String expect = random.nextBoolean() ? "expect=success" : "";
    String query = wait.isEmpty() || expect.isEmpty() ? wait + expect : wait + "&" + expect;
    return query.isEmpty() ? "" : "?" + query;
  }
}
