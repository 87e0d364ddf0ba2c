package dev.buildonce.logs.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** The range begins behind what is stored of the log. */
final class RangeNotSatisfiable extends Problem {

  RangeNotSatisfiable(long length) {
    super(
        HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
        "range-not-satisfiable",
        "Range not satisfiable",
        "The log has " + length + " bytes now. Ask for a range that begins before.");
    header("Content-Range", "bytes */" + length);
  }
}
