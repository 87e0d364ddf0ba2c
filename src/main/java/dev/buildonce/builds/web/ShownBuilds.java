package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.BuildProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Shows the build that a refusal is about, and leaves the answer to those behind it. */
@Component
class ShownBuilds implements HandlerExceptionResolver, Ordered {
  private final Documents documents;
  private final HeldAsks held;
  private final Links links;

  ShownBuilds(Documents documents, HeldAsks held, Links links) {
    this.documents = documents;
    this.held = held;
    this.links = links;
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception thrown) {
    if (thrown instanceof BuildProblem problem && problem.build() != null) {
      problem.show(
          documents.build(problem.build(), links.of(request), held.count(problem.build())));
    }
    return null;
  }
}
