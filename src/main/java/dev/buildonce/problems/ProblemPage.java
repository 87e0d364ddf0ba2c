package dev.buildonce.problems;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.springframework.web.util.HtmlUtils;

/** A problem as a page that stands alone: no script, no request for anything else. */
final class ProblemPage {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; background: #fff; color: #1c2024 }
      a { color: #0b5cad }
      @media (prefers-color-scheme: dark) {
        :root { background: #14171a; color: #e3e7eb }
        a { color: #79b8f8 }
      }
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 10vh auto; padding: 0 1rem }
      h1 { font-size: 1.5rem }
      code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
      """;

  /** Allows this page its own style and nothing else. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'sha256-"
          + digest(STYLE)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private ProblemPage() {}

  static String of(Problem problem) {
    var errors = new StringBuilder();
    for (var error : problem.errors()) {
      errors.append("<li><code>").append(text(error.field())).append("</code> ");
      errors.append(text(error.message())).append("</li>\n");
    }
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>%s</style>
    </head>
    <body>
    <main>
    <h1>%s</h1>
    <p>%s</p>
    %s<p><code>%d %s</code></p>
    <p><a href="/">All builds</a></p>
    </main>
    </body>
    </html>
    """
        .formatted(
            text(problem.title()),
            STYLE,
            text(problem.title()),
            text(problem.detail()),
            errors.isEmpty() ? "" : "<ul>\n" + errors + "</ul>\n",
            problem.status().value(),
            text(problem.name()));
  }

  private static String text(String raw) {
    return HtmlUtils.htmlEscape(raw, "UTF-8");
  }

  private static String digest(String style) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(digest.digest(style.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
