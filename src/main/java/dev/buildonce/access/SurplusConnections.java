package dev.buildonce.access;

import dev.buildonce.problems.Problems;
import dev.buildonce.problems.Unavailable;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Answers on connections beyond the bound: 503, but health and metrics to who watches over us. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 15)
final class SurplusConnections extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!(CallerLine.of(request) instanceof LineEndPoint line) || !line.isSurplus()) {
      chain.doFilter(request, response);
      return;
    }
    response.setHeader("Connection", "close");
    if (ForeignRequests.isProbe(request)) {
      chain.doFilter(request, response);
    } else {
      Problems.send(
          new Unavailable("There are more connections than buildonce.max-connections. Try again."),
          request,
          response);
    }
  }
}
