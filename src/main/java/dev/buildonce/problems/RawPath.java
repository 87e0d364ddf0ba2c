package dev.buildonce.problems;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path as the caller wrote it. Jetty refuses paths that can be read in two ways; what it lets
 * through and Spring MVC would quietly drop or resolve ({@code ;parameters}, dot segments) is
 * refused here, so that a key is never another one than was asked for.
 */
public final class RawPath {

  private static final String KEYS = "builds";

  private RawPath() {}

  /**
   * The segments of the path, still encoded, from the first: {@code /builds/a%2Bb/log} gives {@code
   * [builds, a%2Bb, log]}.
   */
  public static List<String> segments(HttpServletRequest request) {
    return segments(request.getRequestURI());
  }

  /** The refusal this path deserves, null if Spring MVC reads it as it was meant. */
  static @Nullable Problem check(String path) {
    if (path.indexOf(';') >= 0) {
      return refusal(path, "contains a semicolon");
    }
    var segments = segments(path);
    if (segments.contains(".") || segments.contains("..")) {
      return refusal(path, "is a dot segment");
    }
    if (segments.equals(List.of(KEYS, ""))) {
      return Refusal.invalidKey("is empty");
    }
    return null;
  }

  /** Whether it is the key that is odd in this path, rather than another segment. */
  static boolean hasOddKey(String path) {
    var segments = segments(path);
    return segments.size() > 1 && KEYS.equals(segments.getFirst()) && isOdd(segments.get(1));
  }

  private static Problem refusal(String path, String what) {
    return hasOddKey(path)
        ? Refusal.invalidKey(what)
        : Refusal.badRequest("a segment of the path " + what);
  }

  private static boolean isOdd(String segment) {
    return !segment.matches("[A-Za-z0-9](?:[A-Za-z0-9._:@+=~-]|%[2-7][0-9A-Fa-f])*")
        || segment.matches("(?i).*%(2f|5c|25|7f|2e).*");
  }

  private static List<String> segments(String path) {
    return List.of((path.startsWith("/") ? path.substring(1) : path).split("/", -1));
  }
}
