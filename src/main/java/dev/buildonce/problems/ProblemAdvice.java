package dev.buildonce.problems;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.DisconnectedClientHelper;

/**
 * Turns what a controller, or Spring MVC on the way to one, throws into a problem.
 *
 * <p>It is a resolver and no {@code @ControllerAdvice}, because the answer does not depend on what
 * a handler produces, and because an answer that has begun must not be ended as if it were whole:
 * then the exception is passed on, and the web server breaks the connection.
 */
@Component
public final class ProblemAdvice implements HandlerExceptionResolver, Ordered {

  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  @Override
  public int getOrder() {
    // Behind those who have more to say about a problem, before Spring's own.
    return HIGHEST_PRECEDENCE + 10;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception thrown) {
    if (isDisconnect(thrown)) {
      log.debug("The caller of {} is gone: {}", request.getRequestURI(), thrown.toString());
      return new ModelAndView();
    }
    if (response.isCommitted()) {
      return null;
    }
    answer(thrown, request, response);
    return new ModelAndView();
  }

  /**
   * Answers with what was thrown, for who answers on a thread of his own, where Spring MVC catches
   * nothing.
   *
   * @throws IllegalStateException if an answer has begun already
   */
  public static void answer(
      Exception thrown, HttpServletRequest request, HttpServletResponse response) {
    try {
      Problems.send(problem(thrown, request), request, response);
    } catch (IOException gone) {
      log.debug("The caller of {} is gone: {}", request.getRequestURI(), gone.toString());
    }
  }

  private static Problem problem(Exception thrown, HttpServletRequest request) {
    var expected = ProblemOf.thrown(thrown);
    if (expected == null) {
      var reference = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
      log.error(
          "{} {} failed, reference {}",
          request.getMethod(),
          Reasons.printable(request.getRequestURI()),
          reference,
          thrown);
      return Refusal.internal(reference);
    }
    if (expected instanceof Unavailable && expected != thrown && !ProblemOf.isOfWebServer(thrown)) {
      log.warn("{}: {}", expected.detail(), Reasons.printable(thrown.toString()));
    }
    return expected;
  }

  /*
   * The helper goes by messages and by the names of causes: a problem may well quote a build that
   * lost its pipe, and a database that hung up in the middle of a commit is not a caller who did. To
   * take that for one would tell an empty 200.
   */
  private static boolean isDisconnect(Exception thrown) {
    return thrown instanceof AsyncRequestNotUsableException
        || (!(thrown instanceof Problem)
            && !(ProblemOf.thrown(thrown) instanceof Unavailable)
            && DisconnectedClientHelper.isClientDisconnectedException(thrown));
  }
}
