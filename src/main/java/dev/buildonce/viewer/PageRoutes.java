package dev.buildonce.viewer;

import static org.springframework.web.servlet.function.RequestPredicates.methods;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import dev.buildonce.problems.AcceptHeader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Gives a browser pages at the paths of documents. Routes are looked at before controllers, and who
 * prefers a page is judged here as everywhere else; Spring's own choice by {@code Accept} would
 * read the qualities otherwise.
 */
@Configuration(proxyBeanMethods = false)
class PageRoutes {

  @Bean
  RouterFunction<ServerResponse> buildPageRoutes(BuildPages builds) {
    return RouterFunctions.route()
        .route(
            page("/builds/{key}"),
            request -> sent(builds.build(request.pathVariable("key"), request.servletRequest())))
        .route(
            page("/builds/{key}/attempts/{number}"),
            request ->
                sent(
                    builds.attempt(
                        request.pathVariable("key"),
                        request.pathVariable("number"),
                        request.servletRequest())))
        .build();
  }

  /** What waits or expects is a program's question, whose status is the answer. */
  private static RequestPredicate page(String pattern) {
    return methods(HttpMethod.GET, HttpMethod.HEAD)
        .and(path(pattern))
        .and(PageRoutes::prefersPage)
        .and(request -> !request.params().containsKey("wait"))
        .and(request -> !request.params().containsKey("expect"));
  }

  private static boolean prefersPage(ServerRequest request) {
    return AcceptHeader.prefersPage(String.join(",", request.headers().header(HttpHeaders.ACCEPT)));
  }

  private static ServerResponse sent(ResponseEntity<byte[]> page) {
    byte[] body = page.getBody();
    return ServerResponse.status(page.getStatusCode())
        .headers(headers -> headers.putAll(page.getHeaders()))
        .body(body == null ? new byte[0] : body);
  }
}
