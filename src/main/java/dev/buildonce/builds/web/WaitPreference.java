package dev.buildonce.builds.web;

import dev.buildonce.builds.BuildProperties;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * How long a request asked to wait, and the header that says so on every answer to it, whatever
 * else is wrong with the request.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 15) // before paths are refused
final class WaitPreference extends OncePerRequestFilter {
  private static final Pattern WAITS = Pattern.compile("/builds/[^/]*(/attempts/[^/]*)?");

  private final Duration most;

  WaitPreference(BuildProperties properties) {
    this.most = properties.maxWait();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Duration wait = WAITS.matcher(request.getRequestURI()).matches() ? known(request) : null;
    if (wait != null) {
      response.setHeader("Preference-Applied", "wait=" + wait.toSeconds());
    }
    chain.doFilter(request, response);
  }

  private @Nullable Duration known(HttpServletRequest request) {
    try {
      return of(Query.of(request), request, most);
    } catch (InvalidRequest _) {
      return null; // told by whoever answers the request
    }
  }

  /**
   * How long to hold the answer, or null if that was not asked for.
   *
   * @param most the longest that is allowed
   * @throws InvalidRequest if the query names no duration
   */
  static @Nullable Duration of(Query query, HttpServletRequest request, Duration most) {
    Duration asked = query.has("wait") ? query.duration("wait") : Wishes.preferredWait(request);
    return asked == null || asked.compareTo(most) <= 0 ? asked : most;
  }
}
