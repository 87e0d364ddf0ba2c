package dev.buildonce.problems;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers a request with a problem; a filter uses this, a controller simply throws. */
public final class Problems {

  /** Headers that belong to the answer that was not given. */
  private static final Set<String> OF_ANOTHER_ANSWER =
      Set.of(
          "accept-ranges",
          "content-disposition",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "date", // set anew
          "etag",
          "last-modified",
          "transfer-encoding");

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
    clear(response);
    var document = ProblemDocument.of(problem, accept(request));
    response.setStatus(document.status());
    document
        .headers()
        .forEach(
            (name, value) -> {
              if (name.equals("Vary")) {
                response.addHeader(name, value); // compression has put its own there
              } else {
                response.setHeader(name, value);
              }
            });
    response.setContentLength(document.body().length);
    var out = response.getOutputStream();
    if (!"HEAD".equals(request.getMethod())) {
      out.write(document.body());
    }
    out.close();
  }

  /* Only reset() lets go of a writer that a controller has taken; but it forgets all headers. */
  private static void clear(HttpServletResponse response) {
    var kept = new LinkedHashMap<String, List<String>>();
    for (var name : response.getHeaderNames()) {
      if (!OF_ANOTHER_ANSWER.contains(name.toLowerCase(Locale.ROOT))) {
        kept.put(name, List.copyOf(response.getHeaders(name)));
      }
    }
    response.reset();
    kept.forEach(
        (name, values) -> {
          response.setHeader(name, null);
          values.forEach(value -> response.addHeader(name, value));
        });
  }

  private static @Nullable String accept(HttpServletRequest request) {
    var values = Collections.list(request.getHeaders("Accept"));
    return values.isEmpty() ? null : String.join(",", values);
  }
}
