package dev.buildonce.problems;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** Answers what Spring MVC would misread: odd paths, TRACE and CONNECT. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
final class RequestFilter extends OncePerRequestFilter {

  private static final Set<String> UNSERVED = Set.of("TRACE", "CONNECT");

  private final ObjectProvider<RequestMappingHandlerMapping> mappings;

  RequestFilter(ObjectProvider<RequestMappingHandlerMapping> mappings) {
    this.mappings = mappings;
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

  private @Nullable Problem refusal(HttpServletRequest request) {
    var oddPath = RawPath.check(request.getRequestURI());
    if (oddPath != null) {
      return oddPath;
    }
    if (UNSERVED.contains(request.getMethod())) {
      return unserved(request);
    }
    return null;
  }

  /* The servlet API would echo a TRACE, headers included, where a controller does not take it. */
  private Problem unserved(HttpServletRequest request) {
    ServletRequestPathUtils.parseAndCache(request);
    try {
      for (var mapping : mappings.orderedStream().toList()) {
        mapping.getHandler(request);
      }
    } catch (HttpRequestMethodNotSupportedException known) {
      var problem = ProblemOf.thrown(known);
      if (problem != null) {
        return problem;
      }
    } catch (Exception _) {
      // No path of ours, then.
    } finally {
      ServletRequestPathUtils.clearParsedRequestPath(request);
    }
    return Refusal.notImplemented(request.getMethod());
  }
}
