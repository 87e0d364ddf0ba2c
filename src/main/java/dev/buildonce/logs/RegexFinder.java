package dev.buildonce.logs;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Finds a pattern in each line by itself, in time that grows with the line and no faster. */
final class RegexFinder implements Finder {

  private final Matcher matcher;
  private final BooleanSupplier enough;
  private final @Nullable LiteralFinder required;
  private int lineStart;
  private int lineEnd = -1;
  private int start;
  private int end;

  /**
   * A finder.
   *
   * @param required finds what every place has in it, so that few lines are looked at; or null
   * @param enough asked before each line; if true, nothing is found any more
   */
  RegexFinder(Pattern pattern, @Nullable LiteralFinder required, BooleanSupplier enough) {
    this.matcher = pattern.matcher(new byte[0]);
    this.required = required;
    this.enough = enough;
  }

  @Override
  public boolean find(byte[] bytes, int from, int to) {
    int next = from;
    if (lineEnd >= 0 && from > lineStart && from <= lineEnd) {
      if (found()) {
        return true;
      }
      next = lineEnd + 1;
    }
    while (next < to && !enough.getAsBoolean()) {
      lineStart = next;
      if (required != null) {
        if (!required.find(bytes, next, to)) {
          break;
        }
        lineStart = required.start();
        while (lineStart > next && bytes[lineStart - 1] != '\n') {
          lineStart--;
        }
      }
      lineEnd = lineStart;
      while (lineEnd < to && bytes[lineEnd] != '\n') {
        lineEnd++;
      }
      matcher.reset(Arrays.copyOfRange(bytes, lineStart, lineEnd));
      if (found()) {
        return true;
      }
      next = lineEnd + 1;
    }
    lineEnd = -1;
    return false;
  }

  private boolean found() {
    while (matcher.find()) {
      if (matcher.end() > matcher.start()) {
        start = lineStart + matcher.start();
        end = lineStart + matcher.end();
        return true;
      }
    }
    return false;
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public int end() {
    return end;
  }

  @Override
  public int overlap() {
    return 0;
  }
}
