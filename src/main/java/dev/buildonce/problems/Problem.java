package dev.buildonce.problems;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;

/**
 * A refusal that tells the caller what happened and what to do (RFC 9457). Each kind is a subclass
 * in the module that refuses; this module alone turns one into an answer.
 *
 * <p>It is an expected answer, not a fault: it carries no stack trace and is cheap to throw.
 */
public abstract class Problem extends RuntimeException {

  private final HttpStatus status;
  private final String name;
  private final String title;
  private final String detail;
  private final transient List<FieldError> errors = new ArrayList<>();
  private final transient Map<String, Object> properties = new LinkedHashMap<>();
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  /**
   * A problem without errors, properties and headers; a subclass adds those in its constructor.
   *
   * @param status the status of the answer
   * @param name what follows {@code /problems/} in the type, such as {@code key-conflict}
   * @param title the same short text for every problem of this name
   * @param detail what happened this time and what to do about it
   */
  protected Problem(HttpStatus status, String name, String title, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.name = name;
    this.title = title;
    this.detail = detail;
  }

  /** Adds what is wrong with one field. */
  protected final void error(String field, String message) {
    errors.add(new FieldError(field, message));
  }

  /** Adds what is wrong with several fields. */
  protected final void errors(List<FieldError> more) {
    errors.addAll(more);
  }

  /** Adds a member to the document, say {@code build}; anything that Jackson can write. */
  protected final void property(String member, Object value) {
    properties.put(member, value);
  }

  /** Sets a header of the answer, say {@code Retry-After}. */
  protected final void header(String header, String value) {
    headers.put(header, value);
  }

  /** The status of the answer. */
  public HttpStatus status() {
    return status;
  }

  /** The name of this kind of problem, such as {@code key-conflict}. */
  public String name() {
    return name;
  }

  /** The URI reference that identifies this kind of problem: {@code /problems/<name>}. */
  public String type() {
    return "/problems/" + name;
  }

  /** A short text, the same for every problem of this kind. */
  public String title() {
    return title;
  }

  /** What happened and what to do. */
  public String detail() {
    return detail;
  }

  /** The fields that are wrong, in the order of the request; often empty. */
  public List<FieldError> errors() {
    return Collections.unmodifiableList(errors);
  }

  /** Further members of the document, in order. */
  public Map<String, Object> properties() {
    return Collections.unmodifiableMap(properties);
  }

  /** Further headers of the answer. */
  public Map<String, String> headers() {
    return Collections.unmodifiableMap(headers);
  }
}
