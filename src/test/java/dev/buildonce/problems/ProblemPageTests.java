package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemPageTests {

  @Test
  void ofEscapesEverythingThatACallerMayHaveWritten() {
    var evil = "<script>alert('1')</script>\"&%s";

    var page = ProblemPage.of(new InvalidRequest(List.of(new FieldError(evil, evil))));

    assertThat(page).doesNotContain("<script").doesNotContain("'1'").contains("&lt;script&gt;");
    assertThat(page).contains("&quot;&amp;%s");
  }
}
