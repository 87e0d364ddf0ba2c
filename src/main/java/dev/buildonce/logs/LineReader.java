package dev.buildonce.logs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads lines of what is stored of one log. For one thread, and one page. */
/*
 * The index on the chunks' first lines finds the chunk in which the line begins, so a place costs
 * the same wherever it is; what is shown of a line is short, so the rest of a long one is jumped
 * over by the same index. A line of which a stretch was dropped stands there twice, its head before
 * the marker and its tail behind.
 */
final class LineReader {

  /** What a line costs besides its bytes. */
  private static final int OVERHEAD = 32;

  private final LogScan scan;
  private final LogInfo info;
  private final List<LogLine> lines = new ArrayList<>();
  private @Nullable Stretch current;
  private int index;
  private long line = 1;
  private long size;
  private boolean open;

  LineReader(LogReader reader, LogInfo info) {
    this.scan = new LogScan(reader, info, 0);
    this.info = info;
  }

  /** Reads a page; once. */
  LogPage page(long from, int count, int maxBytes) {
    if (from <= info.lines()) {
      seek(from);
      while (lines.size() < count && size < maxBytes && current != null) {
        if (current.bytes() == null) {
          dropped(current);
        } else {
          line();
        }
      }
    }
    return new LogPage(lines, next(from));
  }

  private @Nullable Long next(long from) {
    if (lines.isEmpty()) {
      return info.complete() ? null : (Long) Math.min(from, info.lines() + 1);
    }
    if (current != null) {
      return line;
    }
    return info.complete() ? null : (Long) (open ? line - 1 : line);
  }

  /** Goes to the start of a line, or to the dropped stretch that has it. */
  private void seek(long number) {
    Stretch found = scan.withEndBefore(number);
    line = number;
    index = 0;
    if (found == null) {
      current = scan.next();
    } else if (found.bytes() == null) {
      boolean within = number < found.line() + found.newlines();
      current = within ? found : scan.next();
    } else {
      int start = Newlines.after(found.bytes(), number - found.line());
      open |= start < 0;
      current = start < 0 ? null : found;
      index = Math.max(0, start);
      skipEmpty();
    }
  }

  private void skipEmpty() {
    if (current != null && current.bytes() != null && index == current.bytes().length) {
      current = scan.next();
      index = 0;
    }
  }

  private void dropped(Stretch gone) {
    lines.add(
        new LogLine.Dropped(
            new Piece.Dropped(gone.from(), gone.line(), gone.to(), gone.newlines())));
    line = gone.line() + gone.newlines();
    size += OVERHEAD;
    current = scan.next();
  }

  private void line() {
    long number = line;
    Stretch at = current;
    if (at == null) {
      return;
    }
    long offset = at.from() + index;
    long millis = at.arrivals().at(offset);
    var text = new Bytes();
    boolean cut = false;
    boolean ended = false;
    while (!ended && at != null && at.bytes() != null) {
      byte[] bytes = at.bytes();
      int newline = Newlines.next(bytes, index);
      int end = newline < 0 ? bytes.length : newline;
      int shown = Math.min(end, index + LogLine.LONGEST - text.length());
      text.append(bytes, index, shown);
      cut |= shown < end;
      ended = newline >= 0;
      index = end + 1;
      if (ended) {
        skipEmpty();
      } else if (cut && !info.dropped()) {
        seek(number + 1);
        ended = true;
      } else {
        current = scan.next();
        index = 0;
      }
      at = current;
    }
    line = number + 1;
    size += OVERHEAD + text.length();
    lines.add(new LogLine.Kept(number, offset, text.takeAll(), cut, millis));
    if (at == null) {
      open |= !ended;
    } else if (!ended) {
      aroundDropped(at);
    }
  }

  /** A line that was kept in part stands in one page, however many places it takes. */
  private void aroundDropped(Stretch gone) {
    dropped(gone);
    if (gone.newlines() == 0 && current != null) {
      line();
    }
  }
}
