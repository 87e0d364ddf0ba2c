package dev.buildonce.problems;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers a request with a problem; a filter uses this, a controller simply throws. */
public final class Problems {

  /** Headers that describe the answer that was not given. */
  private static final List<String> OF_ANOTHER_ANSWER =
      List.of(
          "ETag",
          "Last-Modified",
          "Accept-Ranges",
          "Content-Range",
          "Content-Encoding",
          "Content-Disposition",
          "Content-Length");

  private Problems() {}

  /**
   * Sends the problem as the whole answer, as a document or, to a browser, as a page. Headers set
   * before stay, but those that describe a body.
   *
   * @throws IllegalStateException if an answer has begun already
   * @throws IOException if the caller is gone
   */
  public static void send(Problem problem, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.resetBuffer();
    OF_ANOTHER_ANSWER.forEach(header -> response.setHeader(header, null));
    var document = ProblemDocument.of(problem, accept(request));
    response.setStatus(document.status());
    document.headers().forEach(response::setHeader);
    response.setContentLength(document.body().length);
    var out = response.getOutputStream();
    if (!"HEAD".equals(request.getMethod())) {
      out.write(document.body());
    }
    out.close();
  }

  private static @Nullable String accept(HttpServletRequest request) {
    var values = Collections.list(request.getHeaders("Accept"));
    return values.isEmpty() ? null : String.join(",", values);
  }
}
