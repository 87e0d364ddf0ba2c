package dev.buildonce.access;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** 403 {@code foreign-request}: another site, or a name that is not ours, is behind the request. */
final class ForeignRequest extends Problem {

  private ForeignRequest(String detail) {
    super(HttpStatus.FORBIDDEN, "foreign-request", "Foreign request", detail);
  }

  static ForeignRequest host(String host) {
    return new ForeignRequest(
        "The service does not answer to the host "
            + host
            + ". Ask for localhost or its IP address, or name the host in buildonce.hosts.");
  }

  static ForeignRequest site() {
    return new ForeignRequest(
        "A page of another site sent this request. Only pages of this service may change anything;"
            + " if this is one, set buildonce.public-url to the address that the browser shows.");
  }
}
