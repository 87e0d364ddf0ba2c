package dev.buildonce.access;

import dev.buildonce.problems.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps other sites' pages in a browser of ours from using the service: no name that only points to
 * us (DNS rebinding), and no change on behalf of a page that is not ours (cross-site requests).
 * Links from other sites work, and so does everything that is no browser.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
final class ForeignRequests extends OncePerRequestFilter {

  private static final Set<String> HARMLESS = Set.of("GET", "HEAD");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Set<String> hosts;
  private final @Nullable Origin publicOrigin;

  ForeignRequests(AccessProperties properties) {
    hosts = new HashSet<>(properties.hosts());
    var url = properties.publicUrl();
    publicOrigin = url == null ? null : Origin.of(url);
    if (publicOrigin != null) {
      hosts.add(publicOrigin.host());
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var refusal = refusal(request);
    if (refusal == null) {
      chain.doFilter(request, response);
    } else {
      Problems.send(refusal, request, response);
    }
  }

  private @Nullable ForeignRequest refusal(HttpServletRequest request) {
    var asked = RawHost.of(request);
    if (!isOurs(Hosts.normalized(asked)) && !isProbe(request)) {
      return ForeignRequest.host(asked);
    }
    if (HARMLESS.contains(request.getMethod())) {
      return null;
    }
    boolean ownSite =
        Collections.list(request.getHeaders("Sec-Fetch-Site")).stream()
            .allMatch(OWN_SITE::contains);
    var ownOrigin = Origin.of(request.getScheme() + "://" + asked);
    boolean ownPage =
        Collections.list(request.getHeaders("Origin")).stream()
            .map(Origin::of)
            .allMatch(
                origin ->
                    origin != null && (origin.equals(ownOrigin) || origin.equals(publicOrigin)));
    return ownSite && ownPage ? null : ForeignRequest.site();
  }

  private boolean isOurs(String host) {
    return Hosts.isLoopbackName(host) || Hosts.isAddress(host) || hosts.contains(host);
  }

  /* Probes and scrapers come by names that nobody configured, and learn nothing of a build. */
  static boolean isProbe(HttpServletRequest request) {
    var path = request.getRequestURI();
    return HARMLESS.contains(request.getMethod())
        && (path.equals("/actuator/health")
            || path.startsWith("/actuator/health/")
            || path.equals("/actuator/prometheus"));
  }
}
