package dev.buildonce.viewer;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** 404 {@code not-found}: no file of a page, or one of another version of the service. */
final class UnknownFile extends Problem {

  UnknownFile() {
    super(
        HttpStatus.NOT_FOUND,
        "not-found",
        "Not found",
        "No page of this version of the service has such a file. Load the page again.");
  }
}
