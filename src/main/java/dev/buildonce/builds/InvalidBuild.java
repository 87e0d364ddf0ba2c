package dev.buildonce.builds;

import dev.buildonce.problems.FieldError;
import dev.buildonce.problems.Problem;
import java.util.List;
import org.springframework.http.HttpStatus;

/** An ask that cannot be built as it is written. */
public final class InvalidBuild extends Problem {
  /** A refusal that names each field that is wrong. */
  public InvalidBuild(List<FieldError> errors) {
    super(
        HttpStatus.UNPROCESSABLE_CONTENT,
        "invalid-build",
        "The ask cannot be built",
        errors.size() == 1
            ? errors.getFirst().field() + ": " + errors.getFirst().message()
            : "See errors for the " + errors.size() + " fields that are wrong.");
    errors(errors);
  }

  static InvalidBuild of(String field, String message) {
    return new InvalidBuild(List.of(new FieldError(field, message)));
  }
}
