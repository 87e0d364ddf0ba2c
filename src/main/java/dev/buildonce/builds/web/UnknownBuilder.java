package dev.buildonce.builds.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** A builder that is not configured. */
final class UnknownBuilder extends Problem {
  UnknownBuilder(String name) {
    super(
        HttpStatus.NOT_FOUND,
        "unknown-builder",
        "Unknown builder",
        "There is no builder "
            + (name.length() > 100 ? name.substring(0, 100) + "…" : name)
            + "; GET /builders lists them.");
  }
}
