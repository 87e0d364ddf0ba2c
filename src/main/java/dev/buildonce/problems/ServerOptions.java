package dev.buildonce.problems;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers {@code OPTIONS *}, which asks about the service as a whole and so is on no path. */
final class ServerOptions extends Handler.Wrapper {

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!HttpMethod.OPTIONS.is(request.getMethod())
        || !"*".equals(request.getHttpURI().getPath())) {
      return super.handle(request, response, callback);
    }
    response.getHeaders().put(HttpHeader.ALLOW, "DELETE, GET, HEAD, OPTIONS, PATCH, POST");
    callback.succeeded();
    return true;
  }
}
