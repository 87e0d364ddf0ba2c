package dev.buildonce.access;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/** The connection over which a request came, for those who hold its answer back. */
public interface CallerLine {
  /**
   * Whether the caller has hung up: it will send nothing more. That is all one can know without
   * writing to it; it may still read, so it is owed its answer.
   */
  boolean isHungUp();

  /** The line of a request; outlives it. */
  static CallerLine of(HttpServletRequest request) {
    EndPoint end =
        ServletContextRequest.getServletContextRequest(request)
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint();
    while (end instanceof EndPoint.Wrapper encrypted) {
      end = encrypted.unwrap();
    }
    return end instanceof LineEndPoint line ? line : () -> false;
  }
}
