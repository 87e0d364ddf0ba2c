package dev.buildonce.problems;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A problem as it is sent: the same bytes and headers whether Spring MVC, a filter or Jetty itself
 * refuses.
 *
 * @param status the status of the answer
 * @param headers all headers of the answer but its length
 * @param body the document or page, in UTF-8
 */
record ProblemDocument(int status, Map<String, String> headers, byte[] body) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static ProblemDocument of(Problem problem, @Nullable String accept) {
    boolean page = AcceptHeader.prefersPage(accept);
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", page ? "text/html;charset=utf-8" : "application/problem+json");
    headers.put("Cache-Control", "no-store");
    headers.put("Vary", "Accept");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "same-origin");
    if (page) {
      headers.put("Content-Security-Policy", ProblemPage.CONTENT_SECURITY_POLICY);
    }
    headers.putAll(problem.headers());
    byte[] body =
        page
            ? ProblemPage.of(problem).getBytes(StandardCharsets.UTF_8)
            : JSON.writeValueAsBytes(members(problem));
    return new ProblemDocument(problem.status().value(), headers, body);
  }

  private static Map<String, Object> members(Problem problem) {
    var members = new LinkedHashMap<String, Object>();
    members.put("type", problem.type());
    members.put("title", problem.title());
    members.put("status", problem.status().value());
    members.put("detail", problem.detail());
    if (!problem.errors().isEmpty()) {
      members.put("errors", problem.errors());
    }
    problem.properties().forEach(members::putIfAbsent);
    return members;
  }
}
