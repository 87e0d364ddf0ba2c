package dev.buildonce.problems;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.springframework.http.HttpStatus;

/** What HTTP itself refuses, before any module is asked. */
final class Refusal extends Problem {

  private Refusal(HttpStatus status, String name, String title, String detail) {
    super(status, name, title, detail);
  }

  static Problem badRequest(String what) {
    return new Refusal(
        HttpStatus.BAD_REQUEST,
        "bad-request",
        "Bad request",
        "This is no request that can be understood: " + what + ".");
  }

  static Problem invalidKey(String what) {
    return new Refusal(
        HttpStatus.BAD_REQUEST,
        "invalid-key",
        "Invalid key",
        "The key "
            + what
            + ". A key is one path segment of 1 to 255 characters out of A-Z a-z 0-9 . _ : @ + = ~ -"
            + " and starts with a letter or digit.");
  }

  static Problem notFound() {
    return new Refusal(
        HttpStatus.NOT_FOUND,
        "not-found",
        "Not found",
        "There is nothing at this path. The paths of the service are listed at /v3/api-docs.");
  }

  static Problem methodNotAllowed(String method, Collection<String> allowed) {
    var methods = new TreeSet<>(allowed);
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    methods.add("OPTIONS");
    var allow = String.join(", ", methods);
    var problem =
        new Refusal(
            HttpStatus.METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
            "This path does not answer " + method + ", but " + allow + ".");
    problem.header("Allow", allow);
    return problem;
  }

  static Problem notImplemented(String method) {
    return new Refusal(
        HttpStatus.NOT_IMPLEMENTED,
        "not-implemented",
        "Method not implemented",
        "The service does not implement " + method + ".");
  }

  static Problem notAcceptable(List<String> offered) {
    return new Refusal(
        HttpStatus.NOT_ACCEPTABLE,
        "not-acceptable",
        "Not acceptable",
        offered.isEmpty()
            ? "There is no answer of a type that Accept asks for."
            : "There is no answer of a type that Accept asks for, but of "
                + String.join(", ", offered)
                + ".");
  }

  static Problem unsupportedMediaType(String sent, List<String> taken) {
    var problem =
        new Refusal(
            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            taken.isEmpty()
                ? "The body is " + sent + ", which nothing here reads."
                : "The body is "
                    + sent
                    + ", but this path reads "
                    + String.join(", ", taken)
                    + ".");
    if (!taken.isEmpty()) {
      problem.header("Accept", String.join(", ", taken));
    }
    return problem;
  }

  static Problem unsupportedCoding(String sent) {
    var problem =
        new Refusal(
            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            "The body is encoded with " + sent + ". Send it as it is, without Content-Encoding.");
    problem.header("Accept-Encoding", "identity");
    return problem;
  }

  static Problem tooLarge(long limit) {
    return closing(
        new Refusal(
            HttpStatus.CONTENT_TOO_LARGE,
            "too-large",
            "Body too large",
            "A body may have at most " + limit + " bytes."));
  }

  static Problem timeout() {
    return closing(
        new Refusal(
            HttpStatus.REQUEST_TIMEOUT,
            "request-timeout",
            "Request timeout",
            "The request did not arrive in time. Send it again, whole and without pauses."));
  }

  static Problem noMemory() {
    return closing(
        new Unavailable("The service reads too many large bodies at the moment. Try again."));
  }

  static Problem internal(String reference) {
    var problem =
        new Refusal(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            "Something unexpected happened here; this is no verdict on a build. The service's log"
                + " tells more under reference "
                + reference
                + ".");
    problem.property("reference", reference);
    return problem;
  }

  /** What has no better words: a status that a library chose, with its reason. */
  static Problem of(int code, String reason) {
    var status = HttpStatus.resolve(code);
    if (status == null || !status.isError()) {
      status = HttpStatus.INTERNAL_SERVER_ERROR;
    }
    return switch (status) {
      case BAD_REQUEST -> badRequest(reason);
      case NOT_FOUND -> notFound();
      case REQUEST_TIMEOUT -> timeout();
      case CONTENT_TOO_LARGE -> tooLarge(BodyLimits.MAX_BYTES);
      case SERVICE_UNAVAILABLE ->
          new Unavailable("The service is starting, stopping or overloaded. Try again.");
      case URI_TOO_LONG ->
          new Refusal(status, "uri-too-long", "URI too long", "Shorten the path or the query.");
      case REQUEST_HEADER_FIELDS_TOO_LARGE ->
          new Refusal(
              status,
              "headers-too-large",
              "Headers too large",
              "The request line and headers are larger than the service reads. Send less.");
      case HTTP_VERSION_NOT_SUPPORTED, UPGRADE_REQUIRED ->
          new Refusal(
              HttpStatus.HTTP_VERSION_NOT_SUPPORTED,
              "version-not-supported",
              "HTTP version not supported",
              "Speak HTTP/1.1.");
      case EXPECTATION_FAILED ->
          new Refusal(
              status,
              "expectation-failed",
              "Expectation failed",
              "The only Expect that is understood is 100-continue.");
      default -> {
        var title = status.getReasonPhrase();
        yield new Refusal(
            status, title.toLowerCase(Locale.ROOT).replace(' ', '-'), title, reason + ".");
      }
    };
  }

  private static Problem closing(Problem problem) {
    // What is left of the body is not read, so the connection is of no further use.
    problem.header("Connection", "close");
    return problem;
  }
}
