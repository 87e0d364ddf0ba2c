package dev.buildonce.views;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** 410 {@code revision-gone}: a stream cannot begin, or go on, behind this revision. */
final class RevisionGone extends Problem {
  RevisionGone(String why) {
    super(
        HttpStatus.GONE,
        "revision-gone",
        "Revision gone",
        why + " Begin anew: GET /events?initial=true tells all that stands first.");
  }
}
