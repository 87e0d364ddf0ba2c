package dev.buildonce.problems;

import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what Jetty refuses by itself, before there is a servlet request: request lines, headers,
 * paths and bodies that break the rules, and requests that come while it stops.
 */
final class JettyProblems extends ErrorHandler {

  private static final Logger LOG = LoggerFactory.getLogger(JettyProblems.class);

  private final List<StandingHeaders> standing;

  JettyProblems(List<StandingHeaders> standing) {
    this.standing = standing;
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    if (code == HttpStatus.INTERNAL_SERVER_ERROR_500) {
      var reason = message == null ? "no reason told" : Reasons.printable(message);
      LOG.warn("The web server failed: {}", reason, cause);
    }
    send(problem(request, code, message), request, response, callback);
  }

  /** Sends a problem as the whole answer. */
  void send(Problem problem, Request request, Response response, Callback callback) {
    var accept = String.join(",", request.getHeaders().getValuesList(HttpHeader.ACCEPT));
    var document = ProblemDocument.of(problem, accept);
    response.setStatus(document.status());
    var uri = request.getHttpURI();
    var path = uri == null ? null : uri.getPath();
    if (path != null) {
      var prefer = request.getHeaders().getValuesList("Prefer");
      standing.forEach(
          headers -> headers.of(path, uri.getQuery(), prefer).forEach(response.getHeaders()::put));
    }
    document.headers().forEach(response.getHeaders()::put);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, document.body().length);
    response.write(true, ByteBuffer.wrap(document.body()), callback);
  }

  private static Problem problem(Request request, int code, @Nullable String message) {
    var uri = request.getHttpURI();
    if (code == HttpStatus.BAD_REQUEST_400 && uri != null && uri.hasViolations()) {
      var path = uri.getPath();
      if (path != null && RawPath.hasOddKey(path)) {
        return Refusal.invalidKey("is not one plain path segment");
      }
    }
    return Refusal.of(code, code >= 500 ? "The web server failed" : Reasons.printable(message));
  }
}
