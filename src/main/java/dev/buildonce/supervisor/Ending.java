package dev.buildonce.supervisor;

/**
 * How a build ended.
 *
 * @param exitCode of its first process, -1 if it did not exit
 * @param signal that killed its first process, 0 if none did
 * @param bytes it wrote in all
 * @param cause who ended it
 */
public record Ending(int exitCode, int signal, long bytes, Cause cause) {

  /** Who ended a build. */
  public enum Cause {
    /** It ended by itself, or somebody else killed it. */
    ITSELF,
    /** The service asked for it. */
    STOPPED,
    /** No service gave a sign of life for a term. */
    UNCLAIMED,
    /** The supervisor was gone, and nobody knows how its first process ended. */
    VANISHED
  }

  /** The line that {@link #parse} reads. */
  public String format() {
    return exitCode + " " + signal + " " + bytes + " " + cause;
  }

  /** Reads what {@link #format} wrote. */
  public static Ending parse(String line) {
    String[] words = line.strip().split(" ", -1);
    return new Ending(
        Integer.parseInt(words[0]),
        Integer.parseInt(words[1]),
        Long.parseLong(words[2]),
        Cause.valueOf(words[3]));
  }

  /** The ending that a wait status tells. */
  static Ending of(int status, long bytes, Cause cause) {
    int signal = status & 0x7f;
    return signal == 0
        ? new Ending((status >> 8) & 0xff, 0, bytes, cause)
        : new Ending(-1, signal, bytes, cause);
  }
}
