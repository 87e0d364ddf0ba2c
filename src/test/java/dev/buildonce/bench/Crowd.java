package dev.buildonce.bench;

import static dev.buildonce.bench.Table.number;

import dev.buildonce.bench.Table.Goal;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/** 10,000 asks of one cold key at once. */
final class Crowd extends Section {
  Crowd(Subject subject, Table table) {
    super(subject, table);
  }

  @Override
  void run() throws Exception {
    int callers = quick ? 500 : 10_000;
    int rounds = quick ? 1 : 3;
    double[] asked = new double[rounds];
    double[] constant = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      constant[i] = crowd(callers, Subject.constantRequests()).seconds();
      String path = "/builds/crowd-" + i;
      byte[] ask = Load.request("POST", path, "{\"params\": {\"script\": \"sleep 300\"}}");
      Load.Result result = crowd(callers, () -> ask);
      asked[i] = result.seconds();
      client.json(path + "/cancel", "{}");
      var expected = Map.of("202 fwd=miss", 1, "202 fwd=miss; collapsed", callers - 1);
      int attempts = client.get(path + "/attempts").json().path("attempts").size();
      if (!result.answers().equals(expected) || attempts != 1) {
        throw new IOException(attempts + " attempts, answers " + result.answers());
      }
    }
    double worst = Arrays.stream(asked).max().orElseThrow();
    table.add(
        number(callers) + " asks at once of a cold key: the last 202 (worst of " + rounds + ")",
        number(worst) + " s",
        number(median(constant)) + " s, constant answers",
        number(worst / median(constant)),
        Goal.atMost(2, worst, " s"));
  }

  private Load.Result crowd(int callers, Supplier<byte[]> request) throws IOException {
    try (Load load = Load.connect(service.port(), callers)) {
      return load.once(request);
    }
  }
}
