package dev.buildonce.builds.web;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What a request says beside its body.
 *
 * @param success whether only a success is to be answered with 200
 * @param patience how long to hold the answer, capped, or null if it did not ask to wait
 * @param onlyIfCached never start or join
 * @param noCache no outcome that stands answers
 */
record Wishes(boolean success, @Nullable Duration patience, boolean onlyIfCached, boolean noCache) {
  private static final Pattern WAIT =
      Pattern.compile("wait\\s*=\\s*(\"?)0*([0-9]+)\\1\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);

  /** Longer than any limit, and short enough for a number. */
  private static final int DIGITS = 9;

  /** The seconds of {@code Prefer: wait=N} (RFC 7240); what is malformed is ignored, as it says. */
  static @Nullable Duration preferredWait(List<String> headers) {
    for (String header : headers) {
      for (int from = 0; from <= header.length(); ) {
        int to = preferenceEnd(header, from);
        Matcher wait = WAIT.matcher(header.substring(from, to).strip());
        if (wait.matches()) {
          String seconds = wait.group(2);
          return Duration.ofSeconds(
              Long.parseLong(seconds.length() > DIGITS ? "9".repeat(DIGITS) : seconds));
        }
        from = to + 1;
      }
    }
    return null;
  }

  /** The next comma that does not stand in quotes, or the end. */
  private static int preferenceEnd(String header, int from) {
    boolean quoted = false;
    for (int i = from; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (quoted && c == '\\') {
        i++;
      } else if (!quoted && c == ',') {
        return i;
      }
    }
    return header.length();
  }

  /** Whether {@code Cache-Control} of the request has a directive. */
  static boolean hasCacheControl(HttpServletRequest request, String directive) {
    for (String header : Collections.list(request.getHeaders(HttpHeaders.CACHE_CONTROL))) {
      for (String part : header.split(",")) {
        if (part.strip().equalsIgnoreCase(directive)) {
          return true;
        }
      }
    }
    return false;
  }
}
