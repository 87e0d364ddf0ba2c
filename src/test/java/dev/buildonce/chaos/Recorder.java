package dev.buildonce.chaos;

import dev.buildonce.Client.Reply;
import dev.buildonce.chaos.History.Ask;
import dev.buildonce.chaos.History.Heard;
import dev.buildonce.chaos.History.Low;
import dev.buildonce.chaos.History.Read;
import dev.buildonce.chaos.History.Rebuild;
import dev.buildonce.chaos.History.Shown;
import dev.buildonce.chaos.History.Told;
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
  final Queue<Ask> asks = new ConcurrentLinkedQueue<>();
  final Queue<Told> told = new ConcurrentLinkedQueue<>();
  final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
  final Queue<Low> lows = new ConcurrentLinkedQueue<>();
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

  /** Notes how an ask was answered. */
  void ask(String replica, String key, long begin, Reply reply) {
    String problem = reply.status() == 503 ? reply.problem() : "";
    String cache = reply.header("Cache-Status");
    asks.add(new Ask(begin, System.nanoTime(), replica, key, reply.status(), problem, cache));
  }

  /** Notes an answer in text, as far as it came, and what it says of attempts. */
  void text(String key, long begin, Told answer) {
    long end = System.nanoTime();
    told.add(answer);
    Narrated narrated = Narrated.of(answer);
    boolean hit = answer.status() != 202;
    if (!hit) {
      shown.add(new Shown(begin, end, key, answer.attempt(), "queued", Use.LATEST));
    }
    String verdict = narrated.verdict();
    if (verdict != null) {
      Use use = hit ? Use.ANSWER : Use.LATEST;
      shown.add(new Shown(begin, end, key, narrated.last(), verdict, use));
    }
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
    refused(key, reply.status(), reply.text());
  }

  /** Notes a refusal if it is none that is allowed. */
  void refused(String key, int status, String text) {
    if (!ALLOWED.contains(status)) {
      odd.add(key + ": " + status + " " + text);
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
