package dev.buildonce.logs.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes of an answer (RFC 9110).
 *
 * @param from the first one
 * @param to behind the last one
 */
record ByteRange(long from, long to) {

  private static final Pattern FORM =
      Pattern.compile("bytes=\\s*([0-9]*)-([0-9]*)\\s*", Pattern.CASE_INSENSITIVE);

  private static final int DIGITS = 18;

  private static final long LARGEST = 999_999_999_999_999_999L;

  /**
   * The range that a header asks for.
   *
   * @param length of what is stored
   * @return null if there is none to heed: no header, not one range, not bytes
   * @throws RangeNotSatisfiable if it has none of the bytes
   */
  static @Nullable ByteRange of(@Nullable String header, long length) {
    Matcher form = header == null ? null : FORM.matcher(header);
    if (form == null || !form.matches()) {
      return null;
    }
    String first = form.group(1);
    String last = form.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? null : suffix(number(last), length);
    }
    long from = number(first);
    long to = last.isEmpty() ? length : Math.min(length, number(last) + 1);
    if (!last.isEmpty() && number(last) < from) {
      return null;
    }
    if (from >= length) {
      throw new RangeNotSatisfiable(length);
    }
    return new ByteRange(from, to);
  }

  /** What has more digits than any log has bytes is as good as the longest that has not. */
  private static long number(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > DIGITS ? LARGEST : Long.parseLong(significant);
  }

  private static ByteRange suffix(long count, long length) {
    if (count == 0 || length == 0) {
      throw new RangeNotSatisfiable(length);
    }
    return new ByteRange(Math.max(0, length - count), length);
  }

  /** The value of {@code Content-Range}. */
  String contentRange(@Nullable Long total) {
    return "bytes " + from + "-" + (to - 1) + "/" + (total == null ? "*" : total);
  }
}
