package dev.buildonce.builders;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the value of a param may be, whatever the builder. */
final class Values {

  /** Bytes of one value as UTF-8. */
  static final int ONE = 100 * 1024;

  /** Bytes of all values of a build. */
  static final int ALL = 1024 * 1024;

  private static final long PATIENCE = 200_000_000;

  private Values() {}

  /** Why this can be no param's value, or null. */
  static @Nullable String unfit(String value) {
    if (value.indexOf('\0') >= 0) {
      return "contains a NUL character";
    }
    long bytes = bytes(value);
    if (bytes < 0) {
      return "contains half a surrogate pair, which is no character";
    }
    return bytes > ONE ? "is " + bytes + " bytes, the limit is " + ONE : null;
  }

  /** Length as UTF-8, or -1 if it has no such form. */
  static long bytes(String value) {
    long bytes = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else if (Character.isSurrogate(c)) {
        return -1;
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    return bytes;
  }

  /**
   * Whether the whole value matches. The pattern is the administrator's, the value anybody's: one
   * that takes longer than 0.2 seconds or too much stack does not match.
   */
  static boolean matches(Pattern pattern, String value) {
    try {
      return pattern.matcher(new Timed(value, System.nanoTime() + PATIENCE)).matches();
    } catch (TookTooLong | StackOverflowError e) {
      return false;
    }
  }

  /** The matcher looks at each character through this, however it searches. */
  private record Timed(CharSequence text, long end) implements CharSequence {

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (System.nanoTime() - end > 0) {
        throw new TookTooLong();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Timed(text.subSequence(start, end), this.end);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  private static final class TookTooLong extends RuntimeException {

    private static final long serialVersionUID = 1;

    TookTooLong() {
      super(null, null, false, false);
    }
  }
}
