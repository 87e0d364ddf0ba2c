package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptHeaderTests {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html, */*",
        "application/json;q=0.5, text/html"
      })
  void prefersPageWhenHtmlIsLikedMost(String accept) {
    assertThat(AcceptHeader.prefersPage(accept)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "text/*",
        "text/plain",
        "application/json",
        "text/html, application/json",
        "text/html;q=0.5, application/problem+json",
        "text/html;q=0",
        "text/html;q=lots"
      })
  void prefersDocumentOtherwise(String accept) {
    assertThat(AcceptHeader.prefersPage(accept)).isFalse();
  }

  @Test
  void prefersDocumentWhenNothingIsSaid() {
    assertThat(AcceptHeader.prefersPage(null)).isFalse();
  }
}
