package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.transaction.TransactionSystemException;

class ProblemAdviceTests {

  private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/builds/key");
  private final MockHttpServletResponse response = new MockHttpServletResponse();

  @Test
  void databaseThatHungUpIsNoCallerWhoDid() throws Exception {
    var lost = new SQLException("An I/O error occurred", "08006", new EOFException());

    new ProblemAdvice()
        .resolveException(
            request, response, null, new TransactionSystemException("JDBC commit failed", lost));

    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.getHeader("Retry-After")).isEqualTo("5");
    assertThat(response.getContentAsString()).contains("/problems/unavailable");
  }

  /** Such as one that a paused replica has: Spring has no class for it. */
  @Test
  void lockThatWasNotGotInTimeIsNoErrorOfOurs() throws Exception {
    var locked = new SQLException("canceling statement due to lock timeout", "55P03");

    new ProblemAdvice()
        .resolveException(
            request, response, null, new UncategorizedSQLException("flag", "SELECT 1", locked));

    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.getContentAsString()).contains("/problems/unavailable");
  }

  @Test
  void callerWhoHungUpIsToldNothing() throws Exception {
    new ProblemAdvice().resolveException(request, response, null, new IOException("Broken pipe"));

    assertThat(response.getContentAsString()).isEmpty();
  }
}
