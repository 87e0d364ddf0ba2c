package dev.buildonce.access;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;

/** The connection over which a request came, for those who hold its answer back. */
public interface CallerLine {
  /**
   * Whether the caller has hung up: it will send nothing more. That is all one can know without
   * writing to it; it may still read, so it is owed its answer.
   */
  boolean isHungUp();

  /** The line of a request; outlives it. */
  static CallerLine of(HttpServletRequest request) {
    LineEndPoint line = LineEndPoint.of(ServletContextRequest.getServletContextRequest(request));
    return line == null ? () -> false : line;
  }
}
