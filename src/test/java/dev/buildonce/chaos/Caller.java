package dev.buildonce.chaos;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** One caller that does what callers do, at random, until its time is up. */
final class Caller {
  private static final String[] WAITS = {"", "wait=1", "wait=5", "wait=20"};

  private final Recorder recorder;
  private final List<Client> replicas;
  private final List<String> keys;
  private final String ask;
  private final SplittableRandom random;
  private final long until;

  Caller(
      Recorder recorder,
      List<Client> replicas,
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
    if (dice < 45) {
      recorder.build(key, begin, replica().json("/builds/" + key + query(), ask), true);
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
    return replicas.get(random.nextInt(replicas.size()));
  }

  private String query() {
    String wait = WAITS[random.nextInt(WAITS.length)];
    String expect = random.nextBoolean() ? "expect=success" : "";
    String query = wait.isEmpty() || expect.isEmpty() ? wait + expect : wait + "&" + expect;
    return query.isEmpty() ? "" : "?" + query;
  }
}
