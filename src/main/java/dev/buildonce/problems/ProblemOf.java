package dev.buildonce.problems;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.validation.BindException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingRequestValueException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;

/** Finds the problem in what was thrown; null means that nobody expected this. */
final class ProblemOf {

  private static final int DEPTH = 20;

  /** Of Postgres, in SQL states. */
  private static final String DISK_FULL = "53100";

  private ProblemOf() {}

  static @Nullable Problem thrown(Throwable thrown) {
    // A module's own word comes first, however deep Spring has wrapped it (a value type that
    // refuses
    // while a path variable is bound), then what the web server said about the connection.
    var chain = chain(thrown);
    for (var cause : chain) {
      if (cause instanceof Problem problem) {
        return problem;
      }
    }
    for (var cause : chain) {
      if (cause instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState())) {
        return new DiskFull("The database has no room left on its disk.");
      }
    }
    for (var cause : chain) {
      if (cause instanceof HttpException refused) {
        return webServer(refused);
      }
      if (cause instanceof TimeoutException) {
        return Refusal.timeout();
      }
      if (isDatabaseAway(cause)) {
        return new Unavailable("The database does not answer. Nothing is lost: try again.");
      }
    }
    return spring(thrown);
  }

  private static @Nullable Problem spring(Throwable thrown) {
    return switch (thrown) {
      case HttpRequestMethodNotSupportedException e ->
          Refusal.methodNotAllowed(e.getMethod(), names(e));
      case HttpMediaTypeNotSupportedException e ->
          Refusal.unsupportedMediaType(
              e.getContentType() == null ? "of no known type" : e.getContentType().toString(),
              types(e.getSupportedMediaTypes()));
      case HttpMediaTypeNotAcceptableException e ->
          Refusal.notAcceptable(types(e.getSupportedMediaTypes()));
      case HttpMessageNotReadableException e -> unreadable(e);
      case MissingServletRequestParameterException e ->
          new InvalidRequest(e.getParameterName(), "is missing");
      case MissingRequestValueException _ -> new InvalidRequest("request", "lacks a value");
      case MethodArgumentTypeMismatchException e -> new InvalidRequest(e.getName(), "does not fit");
      case TypeMismatchException e ->
          new InvalidRequest(
              Objects.requireNonNullElse(e.getPropertyName(), "request"), "does not fit");
      case BindException e -> new InvalidRequest(fields(e));
      case HandlerMethodValidationException e -> new InvalidRequest(parameters(e));
      case AsyncRequestTimeoutException _ ->
          new Unavailable("The answer took longer than the service waits for one. Try again.");
      case ErrorResponse e -> {
        var status = e.getStatusCode().value();
        yield status == 500 ? null : Refusal.of(status, "it was refused with status " + status);
      }
      default -> null;
    };
  }

  private static List<Throwable> chain(Throwable thrown) {
    var chain = new ArrayList<Throwable>();
    for (Throwable next = thrown; next != null && chain.size() < DEPTH; next = next.getCause()) {
      chain.add(next);
    }
    return chain;
  }

  private static boolean isDatabaseAway(Throwable cause) {
    return switch (cause) {
      case DataAccessResourceFailureException _ -> true;
      case TransientDataAccessException _ -> true;
      case RecoverableDataAccessException _ -> true;
      case CannotCreateTransactionException _ -> true;
      case TransactionTimedOutException _ -> true;
      case SQLTransientException _ -> true;
      case SQLRecoverableException _ -> true;
      // Connection lost (08), deadlock (40), out of resources (53), ended by an operator (57), I/O
      // error (58); a standby after a failover, idle for too long, no lock in time.
      case SQLException e -> {
        var state = e.getSQLState();
        yield state != null && state.matches("(08|40|53|57|58).*|25006|25P03|55P03");
      }
      default -> false;
    };
  }

  /** Whether it is the web server that gave a request up. */
  static boolean isOfWebServer(Throwable thrown) {
    return chain(thrown).stream().anyMatch(HttpException.class::isInstance);
  }

  private static Problem webServer(HttpException refused) {
    var reason = Reasons.printable(refused.getReason());
    if (refused.getCode() == HttpStatus.BAD_REQUEST_400) {
      // Jetty reads form and query when they are first asked for.
      if (reason.contains("form content")) {
        return new InvalidBody("The body is no form: write % as %25, and all text in UTF-8.");
      }
      if (reason.toLowerCase(Locale.ROOT).contains("query")) {
        return new InvalidRequest("query", "cannot be decoded: write % as %25, and text in UTF-8");
      }
    }
    if (refused.getCode() == HttpStatus.SERVICE_UNAVAILABLE_503) {
      return Refusal.noMemory();
    }
    return Refusal.of(refused.getCode(), reason);
  }

  private static Problem unreadable(HttpMessageNotReadableException e) {
    if (e.getCause() instanceof JacksonException json) {
      return InvalidBody.json(json);
    }
    return new InvalidBody("The body is empty, or it is not what its content type says.");
  }

  private static List<String> names(HttpRequestMethodNotSupportedException e) {
    var methods = e.getSupportedHttpMethods();
    return methods == null ? List.of() : methods.stream().map(HttpMethod::name).toList();
  }

  private static List<String> types(List<MediaType> types) {
    return types.stream().map(MediaType::toString).distinct().toList();
  }

  private static List<FieldError> fields(BindException e) {
    return e.getAllErrors().stream()
        .map(
            error ->
                new FieldError(
                    error instanceof org.springframework.validation.FieldError field
                        ? field.getField()
                        : error.getObjectName(),
                    Objects.requireNonNullElse(error.getDefaultMessage(), "does not fit")))
        .toList();
  }

  private static List<FieldError> parameters(HandlerMethodValidationException e) {
    return e.getParameterValidationResults().stream()
        .flatMap(
            result ->
                result.getResolvableErrors().stream()
                    .map(
                        error ->
                            new FieldError(
                                Objects.requireNonNullElse(
                                    result.getMethodParameter().getParameterName(), "request"),
                                Objects.requireNonNullElse(
                                    error.getDefaultMessage(), "does not fit"))))
        .toList();
  }
}
