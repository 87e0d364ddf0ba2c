package dev.buildonce.runners;

import dev.buildonce.supervisor.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** The line that asks a supervisor to start an attempt, within the limits of the system. */
record StartRequest(long attempt, Workplace workplace, Command command) {

  private static final String HINT =
      ": have the builder take large params from the environment, one by one, and not as arguments";

  private static final int LARGEST_TEXT = (128 << 10) - 1; // bytes; the limit of Linux
  private static final int LARGEST_COMMAND = 2 << 20; // bytes; the usual limit of Linux

  /**
   * The line.
   *
   * @throws StartFailed if the system could not pass the command on as it is
   */
  String line() {
    List<String> environment =
        workplace.environment(command).entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .toList();
    check(environment);
    var line = new StringBuilder("start ").append(attempt);
    Stream.of(
            Stream.of(Protocol.encode(workplace.work().toString())),
            Stream.of(Protocol.encode(workplace.sign())),
            Stream.of(Integer.toString(command.arguments().size())),
            command.arguments().stream().map(Protocol::encode),
            environment.stream().map(Protocol::encode))
        .flatMap(words -> words)
        .forEach(word -> line.append(' ').append(word));
    return line.toString();
  }

  private void check(List<String> environment) {
    int all = 0;
    int number = 0;
    for (String argument : command.arguments()) {
      all += check("argument " + number++, argument);
    }
    for (String entry : environment) {
      all += check(entry.substring(0, entry.indexOf('=')) + " in the environment", entry);
    }
    if (all > LARGEST_COMMAND) {
      throw new StartFailed(
          "arguments and environment have "
              + all
              + " bytes together, the system allows "
              + LARGEST_COMMAND
              + HINT);
    }
  }

  private static int check(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new StartFailed(what + " has a NUL character, which no program can be given");
    }
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LARGEST_TEXT) {
      throw new StartFailed(
          what + " has " + bytes + " bytes, the system allows " + LARGEST_TEXT + HINT);
    }
    return bytes;
  }
}
