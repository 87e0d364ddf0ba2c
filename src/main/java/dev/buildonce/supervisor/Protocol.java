package dev.buildonce.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What service and supervisor say to each other over a socket of their home, in lines of words with
 * one space between. Texts travel in Base64.
 *
 * <p>Requests are {@code <number> <verb> <words>}; each is answered, not always in order, by {@code
 * <number> ok <words>}, {@code <number> failed <text>} (the command could not be started) or {@code
 * <number> broken <text>}. A supervisor answers a verb that it does not know with broken.
 *
 * <ul>
 *   <li>{@code hello <version> <term in ms>}: {@code ok <version> <code> <number of running
 *       builds>}
 *   <li>{@code claim <attempts>}: the service carries these; one that nobody claims for a term is
 *       ended. {@code start} and {@code attach} claim as well
 *   <li>{@code beat}: claims all, said by services that do not know {@code claim}
 *   <li>{@code start <attempt> <directory> <sign> <n> <n arguments> <environment>}
 *   <li>{@code known <attempt>}: {@code ok true} or {@code ok false}
 *   <li>{@code list}: {@code ok <attempt>:running <attempt>:ended}
 *   <li>{@code attach <attempt> <offset>}: {@code ok attached}, then what follows of this build,
 *       all before the offset being stored; or {@code ok gone}, when nothing is known of the build
 *       or of that offset
 *   <li>{@code detach <attempt>}, {@code stored <attempt> <offset>}, {@code stop <attempt> <grace
 *       in ms>}, {@code end <attempt>}, {@code quit}, which is broken while a build runs
 * </ul>
 *
 * Unasked come {@code ! spooled <attempt> <bytes>} and, once, {@code ! ended <attempt> <ending>}.
 */
public final class Protocol {

  /** The version that this code speaks. */
  public static final int VERSION = 1;

  /** Bytes of the longest line; a command line and environment at their limit fit. */
  public static final int MAX_LINE = 4 << 20;

  /** The first word of what is said unasked. */
  public static final String UNASKED = "!";

  private static final String EMPTY = "-";

  private Protocol() {}

  /** A text as one word. */
  public static String encode(String text) {
    return text.isEmpty()
        ? EMPTY
        : Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of a word. */
  public static String decode(String word) {
    return word.equals(EMPTY)
        ? ""
        : new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
  }
}
