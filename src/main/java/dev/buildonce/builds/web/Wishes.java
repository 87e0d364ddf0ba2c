package dev.buildonce.builds.web;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
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
      Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?([0-9]{1,9})\"?\\s*(?:$|[,;])");

  /** The seconds of {@code Prefer: wait=N} (RFC 7240); what is malformed is ignored, as it says. */
  static @Nullable Duration preferredWait(HttpServletRequest request) {
    for (String header : Collections.list(request.getHeaders("Prefer"))) {
      Matcher wait = WAIT.matcher(header.toLowerCase(Locale.ROOT));
      if (wait.find()) {
        return Duration.ofSeconds(Long.parseLong(wait.group(1)));
      }
    }
    return null;
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
