package dev.buildonce.access;

import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee11.servlet.ServletApiRequest;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** The host that the caller itself asked for. */
final class RawHost {

  private RawHost() {}

  /**
   * Host and port as they came over the connection, whatever a forwarded header says and whoever
   * trusts it (Jetty's own support for these rewrites Host). HTTP/1.0 may do without a Host; then
   * it is the one in the request line, else our own address.
   */
  static String of(HttpServletRequest request) {
    var inner = (jakarta.servlet.ServletRequest) request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    var host =
        inner instanceof ServletApiRequest jetty
            ? Request.unWrap(jetty.getRequest()).getHeaders().get(HttpHeader.HOST)
            : request.getHeader("Host");
    return host == null ? request.getServerName() + ":" + request.getServerPort() : host;
  }
}
