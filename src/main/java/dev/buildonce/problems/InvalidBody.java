package dev.buildonce.problems;

import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;

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

  /** Refuses a body that is no JSON, or not the JSON that fits, and says where. */
  public static InvalidBody json(JacksonException e) {
    var what = e.getOriginalMessage();
    if (what != null) {
      // Jackson tells where an object began by a source that it then does not show.
      what = what.replaceAll("\\s*\\((?:for \\w+ starting|start marker) at \\[Source.*?]\\)", "");
    }
    var at = e.getLocation();
    var where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    return new InvalidBody(
        "The body is no JSON that fits here: " + Reasons.printable(what) + where + ".");
  }
}
