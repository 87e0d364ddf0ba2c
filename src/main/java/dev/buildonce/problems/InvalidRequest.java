package dev.buildonce.problems;

import java.util.List;
import org.springframework.http.HttpStatus;

/** 422 {@code invalid-request}: a name or value of the query, or a parameter, does not fit. */
public final class InvalidRequest extends Problem {

  /** Refuses a request for what is wrong with these fields; at least one. */
  public InvalidRequest(List<FieldError> errors) {
    super(
        HttpStatus.UNPROCESSABLE_CONTENT,
        "invalid-request",
        "Invalid request",
        "Nothing was done: " + inWords(errors) + ". Correct the request and send it again.");
    errors(errors);
  }

  /** Refuses a request for what is wrong with one field. */
  public InvalidRequest(String field, String message) {
    this(List.of(new FieldError(field, message)));
  }

  private static String inWords(List<FieldError> errors) {
    var first = errors.getFirst();
    var words = first.field() + " " + first.message();
    return errors.size() == 1
        ? words
        : words + ", and " + (errors.size() - 1) + " more (see errors)";
  }
}
