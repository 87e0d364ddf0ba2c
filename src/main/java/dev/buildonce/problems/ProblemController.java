package dev.buildonce.problems;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Answers what a filter or the servlet container refused, which comes by way of the error page. */
@Controller
final class ProblemController implements ErrorController {

  @RequestMapping("${spring.web.error.path:/error}")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Problems.send(problem(request), request, response);
  }

  private static Problem problem(HttpServletRequest request) {
    if (!(request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status)) {
      return Refusal.notFound(); // asked for by a caller, not the container
    }
    if (request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable thrown) {
      var expected = ProblemOf.thrown(thrown);
      if (expected != null) {
        return expected;
      }
    }
    return Refusal.of(
        status,
        Reasons.printable(
            request.getAttribute(RequestDispatcher.ERROR_MESSAGE) instanceof String message
                ? message
                : null));
  }
}
