package dev.buildonce.builds.web;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildProblem;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A build that ended, but not with the outcome that was wanted. */
final class NotSuccessful extends BuildProblem {
  NotSuccessful(Build build, @Nullable Attempt attempt, Map<String, String> headers) {
    super(
        HttpStatus.FAILED_DEPENDENCY,
        "not-successful",
        "The build did not succeed",
        detail(attempt),
        build);
    headers.forEach(this::header);
  }

  private static String detail(@Nullable Attempt attempt) {
    if (attempt == null) {
      return "Nothing was built yet for this key.";
    }
    String failure = attempt.failure() == null ? "" : ": " + attempt.failure();
    return "Attempt " + attempt.number() + " " + verb(attempt) + failure;
  }

  private static String verb(Attempt attempt) {
    return switch (attempt.status()) {
      case QUEUED, RUNNING -> "is being cancelled";
      case SUCCEEDED -> "succeeded, but its outcome no longer answers";
      case FAILED -> "failed";
      case TIMED_OUT -> "timed out";
      case CANCELLED -> "was cancelled";
      case ERRORED -> "ended without a verdict";
      case LOST -> "was lost";
    };
  }
}
