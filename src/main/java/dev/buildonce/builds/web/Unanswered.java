package dev.buildonce.builds.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * An ask that is held has no answer yet. Should the server end it before it has one, it must not
 * look like an empty success, which is how a response begins; every answer sets its own status.
 */
@Component
final class Unanswered implements AsyncHandlerInterceptor, WebMvcConfigurer {
  @Override
  public void afterConcurrentHandlingStarted(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }
}
