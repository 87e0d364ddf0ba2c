package dev.buildonce.builds.web;

import dev.buildonce.builds.BuildProperties;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import dev.buildonce.problems.StandingHeaders;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
final class WaitPreference extends OncePerRequestFilter implements StandingHeaders {
  private static final Pattern WAITS = Pattern.compile("/builds/[^/]*(/attempts/[^/]*)?");

  private final Duration most;

  WaitPreference(BuildProperties properties) {
    this.most = properties.maxWait();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    of(
            request.getRequestURI(),
            request.getQueryString(),
            Collections.list(request.getHeaders("Prefer")))
        .forEach(response::setHeader);
    chain.doFilter(request, response);
  }

  @Override
  public Map<String, String> of(String path, @Nullable String query, List<String> prefer) {
    Duration wait = WAITS.matcher(path).matches() ? known(query, prefer) : null;
    return wait == null ? Map.of() : Map.of("Preference-Applied", "wait=" + wait.toSeconds());
  }

  private @Nullable Duration known(@Nullable String query, List<String> prefer) {
    try {
      return of(Query.of(waits(query)), prefer, most);
    } catch (InvalidRequest _) {
      return null; // told by whoever answers the request
    }
  }

  /** What else is in the query may be broken. */
  private static @Nullable String waits(@Nullable String query) {
    return query == null
        ? null
        : Stream.of(query.split("&"))
            .filter(pair -> pair.equals("wait") || pair.startsWith("wait="))
            .collect(Collectors.joining("&"));
  }

  /**
   * How long to hold the answer, or null if that was not asked for.
   *
   * @param most the longest that is allowed
   * @throws InvalidRequest if the query names no duration
   */
  static @Nullable Duration of(Query query, HttpServletRequest request, Duration most) {
    return of(query, Collections.list(request.getHeaders("Prefer")), most);
  }

  private static @Nullable Duration of(Query query, List<String> prefer, Duration most) {
    Duration asked = query.has("wait") ? query.duration("wait") : Wishes.preferredWait(prefer);
    return asked == null || asked.compareTo(most) <= 0 ? asked : most;
  }
}
