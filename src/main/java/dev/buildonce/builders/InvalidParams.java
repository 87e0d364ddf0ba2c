package dev.buildonce.builders;

import java.util.List;

/** An ask's params do not fit its builder. */
public final class InvalidParams extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** All that is wrong, in no case empty. */
  private final transient List<Error> errors;

  /**
   * One of the reasons.
   *
   * @param field {@code params.NAME}, or {@code params}
   * @param message what is wrong with it, as a phrase
   */
  public record Error(String field, String message) {}

  InvalidParams(String builder, List<Error> errors) {
    super("The params do not fit the builder " + builder + ": " + errors);
    this.errors = List.copyOf(errors);
  }

  /** All that is wrong, in no case empty. */
  public List<Error> errors() {
    return errors;
  }
}
