package dev.buildonce.dispatch;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.AttemptEnd;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.runners.End;
import dev.buildonce.runners.Value;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.json.JsonMapper;

/** What the end of a command says about its attempt. */
final class Verdict {
  private static final int KILL = 9;
  private static final int TERM = 15;
  private static final int SIGNALLED = 128;

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          1, "HUP", 2, "INT", 3, "QUIT", 4, "ILL", 6, "ABRT", 7, "BUS", 8, "FPE", 9, "KILL", 11,
          "SEGV", 15, "TERM");

  private static final JsonMapper JSON = JsonMapper.shared();

  private Verdict() {}

  /**
   * Judges an end that nobody on our side wanted.
   *
   * @param value what the build left in its value file
   * @param tail the end of the log, read only if it is needed
   */
  static AttemptEnd of(End end, Builder builder, Value value, Supplier<String> tail) {
    if (end.vanished()) {
      return AttemptEnd.lost(
          "The runner vanished with the build's processes; see whether the machine was restarted or ran"
              + " out of memory",
          Retry.COUNTED);
    }
    Integer code = end.exitCode();
    if (code == null) {
      int signal = end.signal() == null ? 0 : end.signal();
      return signal == KILL || signal == TERM
          ? killed(null, signal, tail)
          : AttemptEnd.failed(
              null, FailureLine.of(tail.get(), "killed by " + name(signal)), json(value));
    }
    if (code == 0) {
      return succeeded(value);
    }
    if (builder.notCachedExitCodes().contains(code)) {
      return AttemptEnd.errored(
          code,
          FailureLine.of(
              tail.get(), "exit " + code + ", which its builder lists as no verdict: ask again"),
          Retry.NO);
    }
    if (code == SIGNALLED + KILL || code == SIGNALLED + TERM) {
      return killed(code, code - SIGNALLED, tail);
    }
    return AttemptEnd.failed(code, FailureLine.of(tail.get(), "exit " + code), json(value));
  }

  private static AttemptEnd killed(@Nullable Integer code, int signal, Supplier<String> tail) {
    String how =
        "killed by "
            + name(signal)
            + (code == null ? "" : ", exit " + code)
            + ", not by us: often the machine is out of memory";
    return AttemptEnd.errored(code, FailureLine.of(tail.get(), how), Retry.COUNTED);
  }

  private static AttemptEnd succeeded(Value value) {
    return switch (value) {
      case Value.None() -> AttemptEnd.succeeded(null);
      case Value.Bad(String reason) ->
          AttemptEnd.errored(0, "The command succeeded, but BUILD_VALUE " + reason, Retry.NO);
      case Value.Json(byte[] bytes) -> {
        String json = json(bytes);
        yield json == null
            ? AttemptEnd.errored(
                0,
                "The command succeeded, but what it wrote to BUILD_VALUE is no JSON: write one JSON value in UTF-8",
                Retry.NO)
            : AttemptEnd.succeeded(json);
      }
    };
  }

  /** A failure stays one whatever its value looks like. */
  private static @Nullable String json(Value value) {
    return value instanceof Value.Json(byte[] bytes) ? json(bytes) : null;
  }

  /** The text if it is one JSON value, else null. */
  private static @Nullable String json(byte[] bytes) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() == null) {
        return null;
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        return null;
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
    } catch (JacksonException | CharacterCodingException e) {
      return null;
    }
  }

  private static String name(int signal) {
    return "SIG" + SIGNALS.getOrDefault(signal, Integer.toString(signal));
  }
}
