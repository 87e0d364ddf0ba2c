package dev.buildonce.dispatch;

import dev.buildonce.builders.Builder;
import dev.buildonce.builds.AttemptEnd;
import dev.buildonce.builds.AttemptEnd.Retry;
import dev.buildonce.runners.End;
import dev.buildonce.runners.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the end of a command says about its attempt. */
final class Verdict {
  private static final int KILL = 9;
  private static final int TERM = 15;
  private static final int SIGNALLED = 128;

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          1, "HUP", 2, "INT", 3, "QUIT", 4, "ILL", 6, "ABRT", 7, "BUS", 8, "FPE", 9, "KILL", 11,
          "SEGV", 15, "TERM");

  private Verdict() {}

  /** Reads the end of the log. */
  interface Tail {
    String read() throws InterruptedException;
  }

  /**
   * Judges an end that nobody on our side wanted.
   *
   * @param value what the build left in its value file
   * @param tail read only if it is needed
   */
  static AttemptEnd of(End end, Builder builder, Value value, Tail tail)
      throws InterruptedException {
    if (end.cause() == End.Cause.UNCLAIMED) {
      return AttemptEnd.lost(
          "The service gave its runner no sign of life for a lease's term, so it was ended; it is"
              + " tried again",
          Retry.NOT_COUNTED);
    }
    if (end.cause() == End.Cause.VANISHED) {
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
              null, FailureLine.of(tail.read(), "killed by " + name(signal)), json(value));
    }
    if (code == 0) {
      return succeeded(value);
    }
    if (builder.notCachedExitCodes().contains(code)) {
      return AttemptEnd.errored(
          code,
          FailureLine.of(
              tail.read(), "exit " + code + ", which its builder lists as no verdict: ask again"),
          Retry.NO);
    }
    if (code == SIGNALLED + KILL || code == SIGNALLED + TERM) {
      return killed(code, code - SIGNALLED, tail);
    }
    return AttemptEnd.failed(code, FailureLine.of(tail.read(), how(code)), json(value));
  }

  /** A shell tells by its exit code which signal ended the command it waited for. */
  private static String how(int code) {
    String signal = SIGNALS.get(code - SIGNALLED);
    return "exit " + code + (signal == null ? "" : ", a command in it was killed by SIG" + signal);
  }

  private static AttemptEnd killed(@Nullable Integer code, int signal, Tail tail)
      throws InterruptedException {
    String how =
        "killed by "
            + name(signal)
            + (code == null ? "" : ", exit " + code)
            + ", not by us: often the machine is out of memory";
    return AttemptEnd.errored(code, FailureLine.of(tail.read(), how), Retry.COUNTED);
  }

  private static AttemptEnd succeeded(Value value) {
    return switch (value) {
      case Value.None() -> AttemptEnd.succeeded(null);
      case Value.Bad(String reason) -> badValue(reason);
      case Value.Json(byte[] bytes) -> {
        String json = JsonText.of(bytes);
        yield json == null
            ? badValue(bytes.length == 0 ? "is empty" : "is no JSON")
            : AttemptEnd.succeeded(json);
      }
    };
  }

  private static AttemptEnd badValue(String reason) {
    return AttemptEnd.errored(
        0,
        "The command succeeded, but its file BUILD_VALUE "
            + reason
            + ": write one JSON value in UTF-8 of at most 1 MiB to it, or nothing",
        Retry.NO);
  }

  /** A failure stays one whatever its value looks like. */
  private static @Nullable String json(Value value) {
    return value instanceof Value.Json(byte[] bytes) ? JsonText.of(bytes) : null;
  }

  private static String name(int signal) {
    return "SIG" + SIGNALS.getOrDefault(signal, Integer.toString(signal));
  }
}
