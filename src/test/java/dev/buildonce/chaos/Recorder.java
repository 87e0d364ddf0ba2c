package dev.buildonce.chaos;

import dev.buildonce.Client.Reply;
import dev.buildonce.chaos.History.Read;
import dev.buildonce.chaos.History.Rebuild;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Use;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import tools.jackson.databind.JsonNode;

/** Notes what answers say. */
final class Recorder {
  private static final Set<Integer> WITH_BUILD = Set.of(200, 202, 424, 504);
  private static final Set<Integer> ALLOWED = Set.of(409, 429, 503);

  final Queue<Shown> shown = new ConcurrentLinkedQueue<>();
  final Queue<Rebuild> rebuilds = new ConcurrentLinkedQueue<>();
  final Queue<Read> reads = new ConcurrentLinkedQueue<>();
  final Queue<String> odd = new ConcurrentLinkedQueue<>();

  /**
   * Notes the answer to an ask or a look.
   *
   * @param verdict whether 200 says that the outcome answers
   * @return the build, or a missing node
   */
  JsonNode build(String key, long begin, Reply reply, boolean verdict) {
    long end = System.nanoTime();
    JsonNode json = reply.json();
    JsonNode build = json.has("build") ? json.path("build") : json;
    if (!WITH_BUILD.contains(reply.status())) {
      refused(key, reply);
      return build.path("none");
    }
    JsonNode attempt = build.path("attempt");
    JsonNode outcome = build.path("outcome");
    boolean failed =
        reply.status() == 424 && attempt.path("number").asInt() == outcome.path("number").asInt();
    Use use = (reply.status() == 200 && verdict) || failed ? Use.ANSWER : Use.OUTCOME;
    note(key, begin, end, attempt, Use.LATEST);
    note(key, begin, end, outcome, use);
    if (reply.status() == 200 && verdict && outcome.isNull()) {
      odd.add("200 without an outcome: " + reply.text());
    }
    return build;
  }

  /** Notes the answer to a rebuild request of one key. */
  void rebuild(String key, long begin, Reply reply) {
    if (reply.status() == 200) {
      String result = reply.json().path("results").path(0).path("result").asString();
      rebuilds.add(new Rebuild(begin, System.nanoTime(), key, result));
    } else if (reply.status() != 404) {
      refused(key, reply);
    }
  }

  void refused(String key, Reply reply) {
    if (!ALLOWED.contains(reply.status())) {
      odd.add(key + ": " + reply.status() + " " + reply.text());
    }
  }

  private void note(String key, long begin, long end, JsonNode attempt, Use use) {
    if (attempt.isObject()) {
      shown.add(
          new Shown(
              begin,
              end,
              key,
              attempt.path("number").asInt(),
              attempt.path("status").asString(),
              use));
    }
  }
}
