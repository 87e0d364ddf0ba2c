package dev.buildonce.builds.web;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Answers {@code If-None-Match: *} to what is there with 304 (RFC 9110, 13.1.2), which Spring MVC
 * leaves to others.
 */
@ControllerAdvice
final class AnyTag implements ResponseBodyAdvice<Object> {
  @Override
  public boolean supports(
      MethodParameter returned, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public @Nullable Object beforeBodyWrite(
      @Nullable Object body,
      MethodParameter returned,
      MediaType type,
      Class<? extends HttpMessageConverter<?>> converter,
      ServerHttpRequest request,
      ServerHttpResponse response) {
    boolean any =
        (request.getMethod() == HttpMethod.GET || request.getMethod() == HttpMethod.HEAD)
            && List.of("*").equals(request.getHeaders().getOrEmpty(HttpHeaders.IF_NONE_MATCH))
            && response.getHeaders().getETag() != null;
    if (!any) {
      return body;
    }
    response.setStatusCode(HttpStatus.NOT_MODIFIED);
    return null;
  }
}
