package dev.buildonce.logs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folds that build output marks in the ways of GitHub, Azure, GitLab, Travis and
 * Buildkite. For one thread, and one log.
 */
/*
 * Only the beginnings of lines are looked at, and only of those whose first byte may begin a mark.
 * GitLab and Travis put a carriage return behind a mark, so that one line may have several.
 */
final class FoldFinder {

  /** How much of a line is looked at, and of a title shown. */
  private static final int HEAD = 1024;

  private static final int LONGEST_TITLE = 200;
  private static final int DEEPEST = 100;

  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[@-Z\\\\^_a-z])");

  private static final Pattern NAMED =
      Pattern.compile(
          "(section_start|section_end):(\\d{1,12}):([^\\[\r]{1,200})(\\[[^\\]\r]{0,200}])?(?:\r|$)"
              + "|travis_fold:(start|end):([^\r]{1,200})(?:\r|$)");

  private static final Pattern GROUP = Pattern.compile("(?:::group::|##\\[group])(.*)");
  private static final Pattern END_GROUP = Pattern.compile("::endgroup::|##\\[endgroup]");
  private static final Pattern HEADING =
      Pattern.compile("(---|\\+\\+\\+|~~~) (?!a/|b/|/|FAIL|PASS|SKIP|BENCH)(\\S.*)");

  private static final String NAMELESS = "::";
  private static final String HEADED = "---";

  /** One that may still go on; its place keeps the order of the beginnings. */
  private record Open(String name, long first, String title, boolean open, long millis) {}

  private final LogScan scan;
  private final LogInfo info;
  private final List<LogFold> found = new ArrayList<>();
  private final Deque<Open> stack = new ArrayDeque<>();
  private final Bytes head = new Bytes();
  private boolean headOpen;
  private long headOffset;
  private long line = 1;
  private long headedAt; // the line of the last heading
  private boolean truncated;
  private Arrivals arrivals = Arrivals.UNKNOWN;

  FoldFinder(LogReader reader, LogInfo info) {
    this.scan = new LogScan(reader, info, 0);
    this.info = info;
  }

  /** Reads the log, as far as it may by then, and gives the folds by their first lines. */
  LogFolds find(long deadline) {
    Stretch stretch = scan.next();
    while (stretch != null && !truncated) {
      if (stretch.bytes() == null) {
        headOpen = false;
        head.takeAll();
        line = stretch.line() + stretch.newlines();
      } else {
        take(stretch, stretch.bytes());
      }
      truncated |= System.nanoTime() - deadline > 0;
      stretch = scan.next();
    }
    if (headOpen) {
      mark(headOffset);
    }
    while (!stack.isEmpty()) {
      close(stack.pop(), info.complete() && !truncated ? (Long) info.lines() : null, -1);
    }
    found.sort(Comparator.comparingLong(LogFold::first));
    return new LogFolds(found, truncated);
  }

  private void take(Stretch stretch, byte[] bytes) {
    arrivals = headOpen ? arrivals.then(stretch.arrivals()) : stretch.arrivals();
    int from = 0;
    while (from < bytes.length && !truncated) {
      int newline = Newlines.next(bytes, from);
      int end = newline < 0 ? bytes.length : newline;
      boolean begins = !headOpen;
      if (begins) {
        headOffset = stretch.from() + from;
      }
      if (newline < 0 || !begins || mayMark(bytes[from])) {
        head.append(bytes, from, Math.min(end, from + HEAD - Math.min(HEAD, head.length())));
        headOpen = newline < 0;
        if (!headOpen) {
          mark(headOffset);
        }
      }
      line += newline < 0 ? 0 : 1;
      from = end + 1;
    }
  }

  private static boolean mayMark(byte first) {
    return switch (first) {
      case ':', '#', '-', '+', '~', 's', 't', '\r', 0x1b -> true;
      default -> false;
    };
  }

  private void mark(long offset) {
    String text = new String(head.takeAll(), StandardCharsets.UTF_8);
    headOpen = false;
    long came = arrivals.at(offset);
    String rest = unescaped(text);
    Matcher named = NAMED.matcher(rest);
    while (named.lookingAt()) {
      String behind = unescaped(rest.substring(named.end()));
      boolean gitLab = named.group(1) != null;
      String name = gitLab ? "s:" + named.group(3) : "t:" + named.group(6);
      long millis = gitLab ? Long.parseLong(named.group(2)) * 1000 : came;
      if (gitLab ? named.group(1).equals("section_end") : named.group(5).equals("end")) {
        end(name, line, millis);
      } else {
        String title = NAMED.matcher(behind).lookingAt() ? "" : title(behind);
        boolean folded = named.group(4) != null && named.group(4).contains("collapsed=true");
        begin(name, title.isEmpty() ? name.substring(2) : title, !folded, millis);
      }
      rest = behind;
      named = NAMED.matcher(rest);
    }
    Matcher group = GROUP.matcher(rest);
    if (group.lookingAt()) {
      begin(NAMELESS, title(group.group(1)), false, came);
    } else if (END_GROUP.matcher(rest).lookingAt()) {
      end(NAMELESS, line, came);
    } else {
      heading(rest, came);
    }
  }

  /** A heading ends what the one before began; two in a row of this kind are those of a diff. */
  private void heading(String text, long came) {
    Matcher heading = HEADING.matcher(text);
    if (!heading.lookingAt()) {
      return;
    }
    boolean open = heading.group(1).equals("+++");
    Open top = stack.peek();
    if (open && headedAt == line - 1 && top != null && top.name().equals(HEADED)) {
      stack.pop();
      return;
    }
    end(HEADED, line - 1, came);
    begin(HEADED, title(heading.group(2)), open, came);
    headedAt = line;
  }

  private void begin(String name, String title, boolean open, long millis) {
    if (found.size() + stack.size() >= LogFold.MOST) {
      truncated = true;
    } else if (stack.size() < DEEPEST) {
      stack.push(new Open(name, line, title, open, millis));
    }
  }

  /** Ends the innermost of this name and all that it has in it; nothing if there is none. */
  private void end(String name, long last, long millis) {
    if (stack.stream().anyMatch(open -> open.name().equals(name))) {
      Open closed;
      do {
        closed = stack.pop();
        close(closed, last, millis);
      } while (!closed.name().equals(name));
    }
  }

  private void close(Open open, @Nullable Long last, long millis) {
    boolean known = open.millis() >= 0 && millis >= open.millis();
    found.add(
        new LogFold(
            open.first(),
            last,
            open.title(),
            open.open(),
            known ? (Long) (millis - open.millis()) : null));
  }

  private static String unescaped(String text) {
    String plain = ESCAPES.matcher(text).replaceAll("");
    int from = 0;
    while (from < plain.length() && plain.charAt(from) == '\r') {
      from++;
    }
    return plain.substring(from);
  }

  private static String title(String text) {
    int end = text.indexOf('\r');
    String title = (end < 0 ? text : text.substring(0, end)).strip();
    return title.length() > LONGEST_TITLE ? title.substring(0, LONGEST_TITLE) + "…" : title;
  }
}
