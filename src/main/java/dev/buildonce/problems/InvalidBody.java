package dev.buildonce.problems;

import org.springframework.http.HttpStatus;

/** 400 {@code invalid-body}: the body cannot be read as what its content type says. */
public final class InvalidBody extends Problem {

  /**
   * Refuses a body.
   *
   * @param detail what is wrong with it, where, and what would be right
   */
  public InvalidBody(String detail) {
    super(HttpStatus.BAD_REQUEST, "invalid-body", "Unreadable body", detail);
  }
}
