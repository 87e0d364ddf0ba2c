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
      Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*", Pattern.CASE_INSENSITIVE);

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
      return last.isEmpty() ? null : suffix(Long.parseLong(last), length);
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1);
    if (!last.isEmpty() && Long.parseLong(last) < from) {
      return null;
    }
    if (from >= length) {
      throw new RangeNotSatisfiable(length);
    }
    return new ByteRange(from, to);
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
