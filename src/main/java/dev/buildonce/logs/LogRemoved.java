package dev.buildonce.logs;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpStatus;

/** The log's bytes were taken away. */
public final class LogRemoved extends Problem {

  /** Says so. */
  public LogRemoved() {
    super(
        HttpStatus.GONE,
        "log-removed",
        "Log removed",
        "This log was removed, by request or to make room. Its attempt and outcome are kept.");
  }
}
