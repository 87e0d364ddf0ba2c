package dev.buildonce.logs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for something in what is stored of a log, bit by bit: whoever asks can tell of what was
 * found so far, and stop. For one thread.
 */
/*
 * What is looked into is the text without a terminal's escapes. Each block is whole lines: what is behind the last line end waits for the rest. Only a line longer
 * than LONGEST_LINE is looked at in parts. Newlines are counted up to hits alone; where a stretch
 * begins, its line is known.
 */
public final class LogSearch {

  /** How many bytes the listed lines may have in all, about. */
  private static final int MAX_LISTED = 1024 * 1024;

  private static final int LONGEST_LINE = 1024 * 1024;

  private final LogScan scan;
  private final LogInfo info;
  private final Finder finder;
  private final long from;
  private final int limit;
  private final int[] buckets;
  private final long deadline;

  private final Bytes waiting = new Bytes();
  private final List<LogHit> listed = new ArrayList<>();
  private long listedBytes;
  private boolean started;
  private long offset; // of what waits
  private long line = 1; // of what waits
  private boolean begun; // what waits is no line's start
  private Arrivals arrivals = Arrivals.UNKNOWN;
  private long hits;
  private long lines;
  private long lastLine;
  private @Nullable Long next;
  private boolean over;
  private boolean timedOut;

  LogSearch(
      LogReader reader,
      LogInfo info,
      LogQuery query,
      long from,
      int limit,
      int buckets,
      Duration most) {
    this.scan = new LogScan(reader, info, 0);
    this.info = info;
    this.finder = query.finder(this::late);
    this.from = from;
    this.limit = limit;
    this.buckets = new int[buckets];
    this.deadline = System.nanoTime() + most.toNanos();
  }

  /** Looks into a part of the log; false if there is no more, or no more time. */
  public boolean step() {
    if (over) {
      return false;
    }
    if (late()) {
      timedOut = true;
      over = true;
      return false;
    }
    Stretch stretch = stretch();
    if (stretch == null) {
      look(waiting.takeAll());
      over = true;
    } else if (stretch.bytes() == null) {
      look(waiting.takeAll());
      line = stretch.line() + stretch.newlines();
      offset = stretch.to();
      begun = true;
    } else {
      take(stretch, stretch.bytes());
    }
    timedOut = !over && late();
    over |= timedOut;
    return !over;
  }

  /** What comes next; at first what begins with the first line to look at. */
  private @Nullable Stretch stretch() {
    if (started || from == 1) {
      return scan.next();
    }
    started = true;
    if (from > info.lines()) {
      return null;
    }
    Stretch found = scan.withEndBefore(from);
    if (found == null || found.bytes() == null) {
      return found == null ? scan.next() : found;
    }
    int start = Newlines.after(found.bytes(), from - found.line());
    return start >= 0 && start < found.bytes().length
        ? found.from(found.from() + start)
        : scan.next();
  }

  private void take(Stretch stretch, byte[] bytes) {
    if (waiting.length() == 0) {
      offset = stretch.from();
      line = stretch.line();
      arrivals = stretch.arrivals();
    } else {
      arrivals = arrivals.then(stretch.arrivals());
    }
    int newline = Newlines.last(bytes);
    if (newline < 0 && waiting.length() + bytes.length < LONGEST_LINE) {
      waiting.append(bytes, 0, bytes.length);
      return;
    }
    int end = newline < 0 ? bytes.length : newline + 1;
    waiting.append(bytes, 0, end);
    byte[] block = waiting.takeAll();
    look(block);
    boolean wasBegun = newline < 0;
    int again = wasBegun ? Math.min(finder.overlap(), block.length) : 0;
    waiting.append(block, block.length - again, block.length);
    waiting.append(bytes, end, bytes.length);
    offset = stretch.from() + end - again;
    line = stretch.line() + stretch.newlines();
    begun = wasBegun;
    arrivals = stretch.arrivals();
  }

  private void look(byte[] block) {
    int counted = 0;
    long current = line;
    int at = 0;
    Entry entry = null;
    PlainText plain = PlainText.of(block);
    while (finder.find(plain.bytes(), at, plain.length())) {
      int start = plain.place(finder.start());
      int end = finder.end() == 0 ? 0 : plain.place(finder.end() - 1) + 1;
      hits++;
      current += Newlines.count(block, counted, start);
      counted = start;
      if (current != lastLine) {
        list(entry);
        lastLine = current;
        lines++;
        mark(current);
        entry = entry(block, current, start);
      }
      if (entry != null) {
        entry.add(start, Math.max(start, end));
      }
      at = finder.end();
    }
    list(entry);
  }

  private void mark(long number) {
    if (buckets.length > 0) {
      long place = (number - 1) * buckets.length / Math.max(1, info.lines());
      buckets[(int) Math.min(buckets.length - 1, place)]++;
    }
  }

  /** A line that is being listed. */
  private record Entry(long number, long offset, int from, byte[] bytes, int[] spans, int[] count) {
    void add(int start, int end) {
      if (count[0] + 2 <= spans.length && end - from <= bytes.length) {
        spans[count[0]++] = start - from;
        spans[count[0]++] = end - from;
      }
    }
  }

  private @Nullable Entry entry(byte[] block, long number, int start) {
    if (next != null || listed.size() >= limit || listedBytes >= MAX_LISTED) {
      next = next == null ? (Long) number : next;
      return null;
    }
    int from = start;
    while (from > 0 && block[from - 1] != '\n') {
      from--;
    }
    int newline = Newlines.next(block, start);
    int to = Math.min(newline < 0 ? block.length : newline, from + LogLine.LONGEST);
    boolean headless = from == 0 && begun;
    return new Entry(
        number,
        offset + from,
        from,
        Arrays.copyOfRange(block, from, to),
        new int[headless ? 0 : 2 * LogHit.MOST_SPANS],
        new int[1]);
  }

  private void list(@Nullable Entry entry) {
    if (entry != null) {
      listedBytes += entry.bytes().length;
      listed.add(
          new LogHit(
              entry.number(),
              entry.offset(),
              entry.bytes(),
              Arrays.copyOf(entry.spans(), entry.count()[0]),
              arrivals.at(entry.offset())));
    }
  }

  private boolean late() {
    return System.nanoTime() - deadline > 0;
  }

  /** The lines found so far, in order, as many as were to be listed. */
  public List<LogHit> listed() {
    return listed;
  }

  /** How often it was found so far. */
  public long hits() {
    return hits;
  }

  /** In how many lines. */
  public long lines() {
    return lines;
  }

  /** The number of the first line that was found and not listed; null if all are. */
  public @Nullable Long next() {
    return next;
  }

  /** Up to which line it has looked. */
  public long searched() {
    return over && !timedOut ? info.lines() : Math.min(info.lines(), line - 1);
  }

  /** Whether it had to stop before the end. */
  public boolean timedOut() {
    return timedOut;
  }

  /** In how many lines it was found, by the part of the log they are in; to be left as it is. */
  public int[] buckets() {
    return buckets;
  }
}
