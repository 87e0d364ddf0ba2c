package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.AttemptEnd;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.runners.End;
import dev.buildonce.runners.Value;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTests {
  private static final Builder BUILDER = Builder.parse("b", "command: [make]\n");
  private static final Value NONE = new Value.None();

  @ParameterizedTest
  @CsvSource({
    "0,, SUCCEEDED, NO",
    "1,, FAILED, NO",
    "127,, FAILED, NO",
    "75,, ERRORED, NO",
    "137,, ERRORED, COUNTED",
    "143,, ERRORED, COUNTED",
    ", 9, ERRORED, COUNTED",
    ", 15, ERRORED, COUNTED",
    "139,, FAILED, NO",
    ", 11, FAILED, NO",
    ", 6, FAILED, NO",
  })
  void verdictOfAnEndByItself(
      @Nullable Integer code, @Nullable Integer signal, AttemptStatus status, Retry retry)
      throws InterruptedException {
    AttemptEnd end = of(code, signal, End.Cause.ITSELF, NONE);

    assertThat(end.status()).isEqualTo(status);
    assertThat(end.retry()).isEqualTo(retry);
    assertThat(end.exitCode()).isEqualTo(code);
    if (status != AttemptStatus.SUCCEEDED) {
      assertThat(end.failure()).contains("no space left");
    }
  }

  @Test
  void verdictWhenRunnerVanishedCountsAndWhenServiceWasSilentDoesNot() throws InterruptedException {
    AttemptEnd vanished = of(null, null, End.Cause.VANISHED, NONE);
    AttemptEnd unclaimed = of(null, 9, End.Cause.UNCLAIMED, NONE);

    assertThat(vanished.status()).isEqualTo(AttemptStatus.LOST);
    assertThat(vanished.retry()).isEqualTo(Retry.COUNTED);
    assertThat(unclaimed.status()).isEqualTo(AttemptStatus.LOST);
    assertThat(unclaimed.retry()).isEqualTo(Retry.NOT_COUNTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\" :  1.50, \"b\": 123456789012345678901234567890.10e+400}",
        "null",
        "\"a\\u0000b \\ud800 \u00e9\"",
        "[1,\n  2]",
        "-0.0",
      })
  void valueIsKeptAsWritten(String json) throws InterruptedException {
    assertThat(success(json.getBytes(UTF_8)).value()).isEqualTo(json);
    assertThat(success((" \n" + json + "\r\n").getBytes(UTF_8)).value()).isEqualTo(json);
  }

  @Test
  void valueWithNumberOrNameOfAnyLengthIsKept() throws InterruptedException {
    String digits = "7".repeat(200_000);
    String json = "{\"" + "k".repeat(200_000) + "\": " + digits + "." + digits + "}";

    assertThat(success(json.getBytes(UTF_8)).value()).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "{",
        "{\"a\":1} {}",
        "1 2",
        "01",
        "NaN",
        "{'a':1}",
        "[1,]",
        "\"a\u0000b\"",
        "1\u0000",
        "\ufeff1",
        "// x\n1",
        "hello"
      })
  void valueThatIsNoJsonIsTrouble(String text) throws InterruptedException {
    AttemptEnd end = success(text.getBytes(UTF_8));

    assertThat(end.status()).isEqualTo(AttemptStatus.ERRORED);
    assertThat(end.retry()).isEqualTo(Retry.NO);
    assertThat(end.failure()).contains("BUILD_VALUE", "write one JSON value");
    assertThat(end.value()).isNull();
  }

  @Test
  void valueInOtherEncodingsOrTooDeepIsTrouble() throws InterruptedException {
    assertThat(success("{}".getBytes(UTF_16LE)).status()).isEqualTo(AttemptStatus.ERRORED);
    assertThat(success(new byte[] {'"', (byte) 0xff, '"'}).status())
        .isEqualTo(AttemptStatus.ERRORED);
    assertThat(success("[".repeat(1 << 20).getBytes(UTF_8)).status())
        .isEqualTo(AttemptStatus.ERRORED);
  }

  @Test
  void valueOfAFailureDoesNotChangeIt() throws InterruptedException {
    AttemptEnd bad = of(1, null, End.Cause.ITSELF, new Value.Bad("is a link, not a file"));
    AttemptEnd good = of(1, null, End.Cause.ITSELF, new Value.Json("[3]".getBytes(UTF_8)));

    assertThat(bad.status()).isEqualTo(AttemptStatus.FAILED);
    assertThat(bad.value()).isNull();
    assertThat(good.value()).isEqualTo("[3]");
  }

  private static AttemptEnd success(byte[] value) throws InterruptedException {
    return of(0, null, End.Cause.ITSELF, new Value.Json(value));
  }

  private static AttemptEnd of(
      @Nullable Integer code, @Nullable Integer signal, End.Cause cause, Value value)
      throws InterruptedException {
    return Verdict.of(
        new End(code, signal, 0, cause), BUILDER, value, () -> "sh: no space left on device\n");
  }
}
