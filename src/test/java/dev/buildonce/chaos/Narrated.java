package dev.buildonce.chaos;

import dev.buildonce.chaos.History.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer in text, taken apart.
 *
 * @param opening our first line, or null if it was cut before
 * @param parts of logs, each between two lines of ours
 * @param hops from attempts that ended to those that follow
 * @param verdict how the last attempt ended, if it says so in its last line
 * @param last the attempt that it came to
 */
record Narrated(
    @Nullable String opening,
    List<Part> parts,
    List<Hop> hops,
    @Nullable String verdict,
    int last) {
  private static final String US = "buildonce: ";
  private static final Set<String> ENDS =
      Set.of("succeeded", "failed", "timed-out", "cancelled", "errored", "lost");
  private static final Pattern HOP =
      Pattern.compile("attempt (\\d+) ([a-z-]+).*; on to attempt (\\d+)");
  private static final Pattern VERDICT = Pattern.compile("([a-z-]+)(: .*| in [0-9.]+ s)?");

  /** Some of an attempt's log; a line of ours that follows begins a new line if it has to. */
  record Part(int attempt, String text) {}

  /** An attempt that ended, how, and which one follows. */
  record Hop(int from, String status, int to) {}

  /** The lines of an answer, each one ours or the build's. */
  static Narrated of(Told told) {
    String opening = null;
    List<Part> parts = new ArrayList<>();
    List<Hop> hops = new ArrayList<>();
    String verdict = null;
    int attempt = told.attempt();
    StringBuilder part = new StringBuilder();
    for (int at = 0; at < told.text().length(); ) {
      int newline = told.text().indexOf('\n', at);
      int next = newline < 0 ? told.text().length() : newline + 1;
      String line = told.text().substring(at, next);
      at = next;
      boolean cut = newline < 0 && !told.complete();
      if (cut && (US.startsWith(line) || line.startsWith(US))) {
        break; // nobody can say what it would have been
      }
      if (!line.startsWith(US)) {
        part.append(line);
        continue;
      }
      parts.add(new Part(attempt, part.toString()));
      part.setLength(0);
      String ours = line.strip().substring(US.length());
      if (opening == null) {
        opening = ours;
        continue;
      }
      Matcher hop = HOP.matcher(ours);
      Matcher end = VERDICT.matcher(ours);
      if (hop.matches()) {
        attempt = Integer.parseInt(hop.group(3));
        hops.add(new Hop(Integer.parseInt(hop.group(1)), hop.group(2), attempt));
      } else if (at == told.text().length() && end.matches() && ENDS.contains(end.group(1))) {
        verdict = end.group(1);
      }
    }
    parts.add(new Part(attempt, part.toString()));
    return new Narrated(opening, parts, hops, verdict, attempt);
  }

  /** Whether these parts are the log, or how it begins. */
  boolean tells(int attempt, String log, boolean whole) {
    List<String> texts =
        parts.stream().filter(part -> part.attempt() == attempt).map(Part::text).toList();
    return tells(texts, log, whole);
  }

  private static boolean tells(List<String> texts, String log, boolean whole) {
    if (texts.isEmpty()) {
      return !whole || log.isEmpty();
    }
    String text = texts.getFirst();
    List<String> rest = texts.subList(1, texts.size());
    if (log.startsWith(text) && tells(rest, log.substring(text.length()), whole)) {
      return true;
    }
    // What follows in the middle of a line of the log begins a line of its own.
    String inLine = text.endsWith("\n") ? text.substring(0, text.length() - 1) : "";
    return !inLine.isEmpty()
        && log.startsWith(inLine)
        && tells(rest, log.substring(inLine.length()), whole);
  }
}
